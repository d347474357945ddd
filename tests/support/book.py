"""A book of orders in every state, brought there by the real flows, for tests that mix everything."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from jishi.db import Pool, Tx
from jishi.flows.cancel_orders import Cancellation, cancel
from jishi.flows.place_orders import Placed
from jishi.flows.refund_orders import RefundAsked, refund
from jishi.flows.ship_orders import ship
from jishi.kit.ids import AccountId, IdMaker, OrderId, PaymentId, ShopId, cell_of
from jishi.modules.orders import OrderState
from tests.support.makers import (
    NOON,
    UNPAID_FOR,
    Buyer,
    Goods,
    Town,
    a_checkout,
    a_shipment,
    a_town,
    complete_all,
    pay_all,
    place_all,
    ship_all,
)

# How each group of orders got where it stands; a lapsed and a cancelled order share a state.
WAYS = (
    "unpaid",
    "gift_waiting",
    "group_waiting",
    "to_ship",
    "part_shipped",
    "shipped",
    "completed",
    "refunded",
    "cancelled",
    "lapsed",
)
_WAITING = {"gift_waiting": 12, "group_waiting": 13}


@dataclass(slots=True)
class Kept:
    """An order as it stands; tests change ``state`` as they go along."""

    id: OrderId
    shop_id: ShopId
    buyer_id: AccountId
    payment_id: PaymentId
    amount_minor: int
    refunded_minor: int
    fee_bp: int
    version: int
    state: OrderState
    closed_why: str | None
    expires_at: datetime
    lines: list[Any]  # rows of sale_order_line in order


@dataclass(slots=True)
class Book:
    town: Town
    orders: list[Kept]
    placed: list[Placed]


async def a_book(tx: Tx, ids: IdMaker, chance: Random, *, each: int = 8, stock: int = 400) -> Book:
    """``each`` checkouts (of one to three lines, at one or two shops) in every one of WAYS."""
    town = await a_town(
        tx, ids, shops=4, skus=4, buyers=5, stock=stock, freight_minor=1_000, fee_bp=73
    )
    asked = [_wish(ids, town, chance) for _ in range(each * len(WAYS))]
    placed: list[Placed] = []
    for start in range(0, len(asked), 128):
        placed += await place_all(tx, ids, asked[start : start + 128])
    groups = {way: placed[at :: len(WAYS)] for at, way in enumerate(WAYS)}
    unpaid = {"unpaid", "cancelled", "lapsed"}
    await pay_all(tx, ids, [one for way in WAYS if way not in unpaid for one in groups[way]])
    for way, state in _WAITING.items():
        await _wait(tx, _orders(groups[way]), state)
    await _ship_first_pieces(tx, ids, _orders(groups["part_shipped"]))
    await ship_all(tx, ids, _orders(groups["shipped"]) + _orders(groups["completed"]))
    await complete_all(tx, _orders(groups["completed"]))
    back = [
        RefundAsked(order_id=one, actor="buyer", at=NOON, why="buyer_refunded")
        for one in _orders(groups["refunded"])
    ]
    await refund(tx, back, ids)
    gone = [
        Cancellation(order_id=one, actor="buyer", at=NOON, why="buyer_cancelled")
        for one in _orders(groups["cancelled"])
    ] + [
        Cancellation(order_id=one, actor="clock", at=NOON + UNPAID_FOR, why="lapsed")
        for one in _orders(groups["lapsed"])
    ]
    await cancel(tx, gone)
    kept = [await kept_order(tx, one) for one in _orders(placed)]
    assert {one.state for one in kept} == set(OrderState)
    return Book(town, kept, placed)


async def kept_order(db: Pool | Tx, order_id: OrderId) -> Kept:
    cell = cell_of(order_id)
    row = await db.fetchrow("SELECT * FROM sale_order WHERE cell = $1 AND id = $2", cell, order_id)
    why = await db.fetchval(
        "SELECT why FROM sale_order_step WHERE cell = $1 AND order_id = $2 AND version = $3",
        cell,
        order_id,
        row["version"],
    )
    lines = await db.fetch(
        "SELECT * FROM sale_order_line WHERE cell = $1 AND order_id = $2 ORDER BY line",
        cell,
        order_id,
    )
    return Kept(
        id=order_id,
        shop_id=row["shop_id"],
        buyer_id=row["buyer_id"],
        payment_id=row["payment_id"],
        amount_minor=row["amount_minor"],
        refunded_minor=row["refunded_minor"],
        fee_bp=row["fee_bp"],
        version=row["version"],
        state=OrderState(row["state"]),
        closed_why=why if row["state"] == OrderState.CANCELLED else None,
        expires_at=row["expires_at"],
        lines=list(lines),
    )


def is_theirs(kept: Kept | None, asked: Any) -> bool:
    """Whether who asks, a buyer or a shop, may ask for this order. None: it was not said who."""
    return (
        kept is not None
        and asked.buyer_id in (None, kept.buyer_id)
        and asked.shop_id in (None, kept.shop_id)
    )


def last_of(size: int, ids: IdMaker, order_id: OrderId) -> list[OrderId]:
    """A batch of ``size``: orders nobody has, in many cells, and ``order_id`` as its last."""
    return [*(OrderId(ids.make(at % 256)) for at in range(size - 1)), order_id]


def with_repeats(chance: Random, items: Sequence[Any]) -> list[Any]:
    """``items`` in a random order, a quarter of them a second time at a random place."""
    mixed = [*items, *chance.sample(list(items), len(items) // 4)]
    chance.shuffle(mixed)
    return mixed


async def on_hand(tx: Tx, town: Town) -> dict[tuple[int, int], int]:
    """Free pieces by SKU and warehouse."""
    rows = await tx.fetch(
        "SELECT sku_id, warehouse_id, on_hand FROM stock WHERE sku_id = ANY ($1)",
        [goods.sku_id for goods in town.goods],
    )
    return {(row["sku_id"], row["warehouse_id"]): row["on_hand"] for row in rows}


def _wish(ids: IdMaker, town: Town, chance: Random) -> Any:
    """The first line always has two pieces or more, so that its order can be shipped in part."""
    goods: list[Goods] = chance.sample(town.goods, chance.randint(1, 3))
    lines = [(one, chance.randint(2, 4)) for one in goods]
    buyer: Buyer = chance.choice(town.buyers)
    now = NOON - timedelta(minutes=chance.randint(0, 20))
    return a_checkout(ids, buyer, lines, now=now)


def _orders(placed: Sequence[Placed]) -> list[OrderId]:
    return [order_id for one in placed for order_id in one.order_ids]


async def _wait(tx: Tx, order_ids: Sequence[OrderId], state: int) -> None:
    """Gifts and group purchases come later; their orders are paid and wait."""
    for table, column in (("sale_order", "id"), ("sale_order_step", "order_id")):
        await tx.execute(
            f"UPDATE {table} SET state = $2 WHERE {column} = ANY ($1) AND state = 20",
            order_ids,
            state,
        )


async def _ship_first_pieces(tx: Tx, ids: IdMaker, order_ids: Sequence[OrderId]) -> None:
    kept = [await kept_order(tx, one) for one in order_ids]
    await ship(
        tx,
        [a_shipment(one.id, one.shop_id, [(1, 1)]) for one in kept],
        ids,
        confirm_after=timedelta(days=10),
    )
