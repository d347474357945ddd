"""Reviews of one's own for tests: bought lines and what is written about them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from jishi.db import Pool, Tx, transaction
from jishi.kit.ids import AccountId, IdMaker, OrderId, ReviewId, ShopId, cell_of
from jishi.modules import accounts, reviews
from jishi.modules.reviews.types import Purchase, Review, Words
from tests.support.makers import NOON, Buyer, Goods, Town, a_checkout, pay_all, place_all, ship_all


def a_purchase(goods: Goods, ids: IdMaker, **changes: Any) -> Purchase:
    """A line that may be reviewed, without an order behind it."""
    facts: dict[str, Any] = {
        "order_id": OrderId(ids.make(cell_of(goods.shop_id))),
        "line": 1,
        "shop_id": goods.shop_id,
        "product_id": goods.product_id,
        "sku_id": goods.sku_id,
        "options": ["red"],
        "buyer_id": AccountId(ids.make(3)),
        "buyer_name": "Zhi",
        "is_delivered": True,
        "is_refunded": False,
        "since": NOON,
    }
    return Purchase(**{**facts, **changes})


async def a_review(
    tx: Tx, ids: IdMaker, goods: Goods, words: Words | None = None, **changes: Any
) -> Review:
    purchase = a_purchase(goods, ids, **changes)
    told = words or Words(stars=5, text=f"A good thing, number {ids.make(0)}.")
    return await reviews.write(tx, purchase, told, ids, writer_id=purchase.buyer_id, now=NOON)


async def bought_lines(
    pool: Pool,
    ids: IdMaker,
    town: Town,
    buyer: Buyer,
    goods: Sequence[Goods],
    *,
    at: datetime,
    is_shipped: bool = True,
) -> OrderId:
    """An order of the goods, one piece each, paid and (unless said otherwise) shipped."""
    async with transaction(pool) as tx:
        asked = a_checkout(ids, buyer, [(it, 1) for it in goods], now=at)
        placed = (await place_all(tx, ids, [asked]))[0]
        await pay_all(tx, ids, [placed], at=at)
        if is_shipped:
            await ship_all(tx, ids, placed.order_ids, at=at)
    assert town.shops
    return OrderId(placed.order_ids[0])


async def ranks_of(tx: Tx, ids: Sequence[ReviewId]) -> dict[int, int]:
    rows = await tx.fetch("SELECT id, rank FROM review WHERE id = ANY ($1)", ids)
    return {row["id"]: row["rank"] for row in rows}


async def summary_row(db: Pool | Tx, goods: Goods) -> Any:
    return await db.fetchrow(
        "SELECT * FROM review_summary WHERE cell = $1 AND product_id = $2",
        cell_of(goods.product_id),
        goods.product_id,
    )


async def shop_row(db: Pool | Tx, shop_id: ShopId) -> Any:
    return await db.fetchrow(
        "SELECT * FROM review_shop_summary WHERE cell = $1 AND shop_id = $2",
        cell_of(shop_id),
        shop_id,
    )


async def an_account(pool: Pool, ids: IdMaker, *, now: datetime) -> AccountId:
    async with transaction(pool) as tx:
        return await accounts.open_account(
            tx, ids, name="Someone", logins=[f"r{ids.make(0)}@market.test"], now=now
        )
