"""A shop with its people and orders in every state, and an operator, for tests of the consoles."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import httpx

from jishi.db import Pool, transaction
from jishi.flows.cancel_orders import Cancellation, cancel
from jishi.flows.refund_orders import RefundAsked, end_refunds, refund
from jishi.kit.ids import AccountId, IdMaker, OrderId, ShopId, cell_of
from jishi.modules import accounts
from tests.support.makers import Town, a_town, an_order, refund_news, refunds_of

_STAFF = """
INSERT INTO shop_staff (cell, shop_id, account_id, role, added_at, added_by)
VALUES ($1, $2, $3, $4, $5, $3)
"""


@dataclass(frozen=True, slots=True)
class Stall:
    """One shop: who works there (token by role), its orders by what became of them."""

    town: Town
    shop_id: ShopId
    tokens: dict[str, str]
    people: dict[str, AccountId]
    orders: dict[str, OrderId]

    def headers(self, role: str) -> dict[str, str]:
        """Of a program that acts for someone: no cookie, so no CSRF token either."""
        return {"authorization": f"Bearer {self.tokens[role]}"} if role else {}


async def a_person(pool: Pool, ids: IdMaker, name: str, *, now: datetime) -> tuple[AccountId, str]:
    """An account and a bearer token."""
    async with transaction(pool) as tx:
        account_id = await accounts.open_account(
            tx,
            ids,
            name=name,
            logins=[f"{ids.make(0)}@tests.example"],
            password_hash=None,
            locale="en",
            now=now,
        )
        token = await accounts.open_session(
            tx, ids, account_id, device="tests", is_api=True, now=now
        )
    return account_id, token


async def a_stall(pool: Pool, ids: IdMaker) -> Stall:
    """Orders: unpaid, cancelled, to_ship, late, part, shipped, completed, refunded, failed."""
    now = datetime.now(UTC)
    tokens: dict[str, str] = {}
    people: dict[str, AccountId] = {}
    for role in ("owner", "manager", "clerk", "warehouse", "stranger", "operator"):
        people[role], tokens[role] = await a_person(pool, ids, role.title(), now=now)
    async with transaction(pool) as tx:
        town = await a_town(tx, ids, shops=1, skus=2, now=now - timedelta(days=20))
        shop_id = town.shops[0]
        for role in ("owner", "manager", "clerk", "warehouse"):
            await tx.execute(_STAFF, cell_of(shop_id), shop_id, people[role], role, now)
        await accounts.grant_role(tx, people["operator"], "operator", now=now)
        orders = {
            "unpaid": await an_order(tx, ids, town, at=now),
            "cancelled": await an_order(tx, ids, town, at=now),
            "to_ship": await an_order(tx, ids, town, until="to_ship", pieces=3, at=now),
            "late": await an_order(tx, ids, town, until="to_ship", at=now - timedelta(days=3)),
            "shipped": await an_order(tx, ids, town, until="shipped", at=now),
            "completed": await an_order(tx, ids, town, until="completed", at=now),
            "refunded": await an_order(tx, ids, town, until="to_ship", at=now),
            "failed": await an_order(tx, ids, town, until="to_ship", at=now),
        }
        await cancel(
            tx, [Cancellation(order_id=orders["cancelled"], actor="shop", at=now, why="other")]
        )
        back = [orders["refunded"], orders["failed"]]
        await refund(
            tx,
            [RefundAsked(order_id=it, actor="shop", at=now, why="out_of_stock") for it in back],
            ids,
        )
        good = (await refunds_of(tx, orders["refunded"]))[0]
        bad = (await refunds_of(tx, orders["failed"]))[0]
        await end_refunds(
            tx,
            [
                refund_news(good, occurred_at=now),
                refund_news(bad, succeeded=False, occurred_at=now),
            ],
        )
    return Stall(town, shop_id, tokens, people, orders)


async def read(client: httpx.AsyncClient, stall: Stall, role: str, path: str) -> httpx.Response:
    """GET as someone; ``{shop}`` in the path is the stall's shop. Empty role: a visitor."""
    headers = {**stall.headers(role), "accept-language": "en", "accept": "text/html"}
    return await client.get(path.replace("{shop}", str(stall.shop_id)), headers=headers)


async def send(
    client: httpx.AsyncClient, stall: Stall, role: str, path: str, **form: object
) -> httpx.Response:
    """POST a form as someone."""
    headers = {**stall.headers(role), "accept-language": "en", "accept": "text/html"}
    where = path.replace("{shop}", str(stall.shop_id))
    return await client.post(where, data=form, headers=headers)
