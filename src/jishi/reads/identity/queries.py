"""One person as a request sees them, from accounts and shops. SELECT only."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from jishi.db import Tx, load_sql
from jishi.kit.ids import AccountId, Cell, ShopId, cell_of
from jishi.modules.accounts import IDLE
from jishi.web.auth import Identity, ShopRole

SHOPS_MAX: Final = 200
ORDERS_LOOKED_AT: Final = 1_000
_SESSION: Final = load_sql(__package__, "session_of_token")
_SHOPS: Final = load_sql(__package__, "shops_of_account")
_ORDERS: Final = load_sql(__package__, "orders_by_state")
_UNREAD: Final = load_sql(__package__, "unread_notices")
_STATES: Final = {10: "unpaid", 20: "to_ship", 21: "to_ship", 30: "shipped"}


@dataclass(frozen=True, slots=True)
class Found:
    identity: Identity
    used_at: datetime


@dataclass(frozen=True, slots=True)
class Figures:
    """What waits for a person: orders by state name, messages (100 stands for more)."""

    orders: dict[str, int]
    unread: int


async def find_identity(
    tx: Tx, cell: Cell, token_hash: bytes, *, by_token: bool, now: datetime
) -> Found | None:
    """None when the session has ended, run out, or never was."""
    row = await tx.fetchrow(_SESSION, cell, token_hash, now, now - IDLE)
    if row is None:
        return None
    shops = await tx.fetch(_SHOPS, row["account_id"], SHOPS_MAX)
    identity = Identity(
        account_id=AccountId(row["account_id"]),
        name=row["name"],
        session_id=row["session_id"],
        locale=row["locale"],
        platform_roles=frozenset(row["platform_roles"]),
        shops={ShopId(it["shop_id"]): ShopRole(it["role"]) for it in shops},
        shop_names={ShopId(it["shop_id"]): it["name"] for it in shops},
        by_token=by_token,
    )
    return Found(identity, row["used_at"])


async def figures_of(tx: Tx, me: Identity) -> Figures:
    orders: dict[str, int] = {}
    for row in await tx.fetch(_ORDERS, me.account_id, ORDERS_LOOKED_AT):
        state = _STATES[row["state"]]
        orders[state] = orders.get(state, 0) + row["orders"]
    unread: int = await tx.fetchval(_UNREAD, cell_of(me.account_id), me.account_id, list(me.shops))
    return Figures(orders, unread)
