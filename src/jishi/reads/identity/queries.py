"""One person as a request sees them, from accounts and shops. SELECT only."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from jishi.db import Tx, load_sql
from jishi.kit.ids import AccountId, Cell, ShopId, cell_of
from jishi.modules.accounts import IDLE
from jishi.modules.messages import unread_of_buyer
from jishi.reads.buyer_orders.queries import counts
from jishi.web.auth import Identity, ShopRole

SHOPS_MAX: Final = 200
_SESSION: Final = load_sql(__package__, "session_of_token")
_SHOPS: Final = load_sql(__package__, "shops_of_account")
_UNREAD: Final = load_sql(__package__, "unread_notices")


@dataclass(frozen=True, slots=True)
class Found:
    identity: Identity
    used_at: datetime


@dataclass(frozen=True, slots=True)
class Figures:
    """What waits for a person: orders by the tab they stand in, notices (100 stands for more), chats."""

    orders: dict[str, int]
    unread: int
    chats: int  # messages of shops


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
    orders = await counts(tx, me.account_id)
    unread: int = await tx.fetchval(_UNREAD, cell_of(me.account_id), me.account_id, list(me.shops))
    return Figures(orders, unread, await unread_of_buyer(tx, me.account_id))
