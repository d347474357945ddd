import asyncio
from datetime import timedelta
from random import Random

import pytest

from jishi.db import Pool, Tx
from jishi.flows.place_orders import Placed, PlaceOrders
from jishi.flows.refund_orders import (
    RefundAsked,
    RefundOrders,
    RefundOrderVerdict,
    end_refunds,
    refund,
)
from jishi.flows.refund_orders.types import NotRefundable
from jishi.flows.ship_orders import ShipOrders, ShipVerdict
from jishi.flows.ship_orders.types import OrderMoved
from jishi.kit.errors import NotFound
from jishi.kit.ids import IdMaker, OrderId, cell_of
from jishi.modules.payments import RefundVerdict
from tests.support.makers import (
    CONFIRM_AFTER,
    NOON,
    TERMS,
    a_checkout,
    a_shipment,
    a_town,
    an_order,
    at_once,
    balance_of,
    committed,
    pay_all,
    place_all,
    refund_news,
    refunds_of,
    state_of,
    stock_of,
)

pytestmark = pytest.mark.usefixtures("sound")


def back(order_id: OrderId, **whose: int) -> RefundAsked:
    return RefundAsked(order_id=order_id, actor="buyer", at=NOON, why="buyer_refunded", **whose)  # type: ignore[arg-type]


async def test_a_buyer_gets_the_money_and_the_shop_its_goods(pool: Pool, ids: IdMaker) -> None:
    town = await a_town(pool, ids, stock=4)
    buyer, other = town.buyers
    order_id = await committed(pool, lambda tx: an_order(tx, ids, town, until="to_ship", pieces=4))
    refund_orders = RefundOrders(pool, ids, confirm_after=timedelta(days=10))
    with pytest.raises(NotFound):
        await refund_orders(back(order_id, buyer_id=other.account_id))
    with pytest.raises(NotFound):
        await refund_orders(back(order_id, shop_id=town.shops[1]))
    await refund_orders(back(order_id, buyer_id=buyer.account_id))
    assert await state_of(pool, order_id) == 200
    assert await stock_of(pool, town.goods[0]) == (4, 0, 0)
    with pytest.raises(NotRefundable):
        await refund_orders(back(order_id, buyer_id=buyer.account_id))
    assert len(await refunds_of(pool, order_id)) == 1
    again = await PlaceOrders(pool, ids, TERMS)(a_checkout(ids, other, [(town.goods[0], 4)]))
    assert isinstance(again, Placed)


@pytest.mark.parametrize("until", ["unpaid", "shipped", "completed"])
async def test_what_is_unpaid_or_on_its_way_is_not_refunded_here(
    pool: Pool, ids: IdMaker, until: str
) -> None:
    town = await a_town(pool, ids)
    order_id = await committed(pool, lambda tx: an_order(tx, ids, town, until=until))
    with pytest.raises(NotRefundable):
        await RefundOrders(pool, ids, confirm_after=timedelta(days=10))(
            back(order_id, shop_id=town.shops[0])
        )


@pytest.mark.parametrize("seed", range(3))
async def test_refund_and_ship_at_once_end_in_one_of_two_ways(
    pool: Pool, ids: IdMaker, seed: int
) -> None:
    """Shipped with the money in escrow, or refunded with the goods back; never both."""
    chance = Random(seed)
    town = await a_town(pool, ids, stock=30)
    shop, cell, goods = town.shops[0], cell_of(town.shops[0]), town.goods[0]
    orders = [
        await committed(pool, lambda tx: an_order(tx, ids, town, until="to_ship"))
        for _ in range(12)
    ]
    refund_orders = RefundOrders(pool, ids, confirm_after=timedelta(days=10))
    ship_orders = ShipOrders(pool, ids, confirm_after=CONFIRM_AFTER)

    async def give_back(order_id: OrderId) -> object:
        await asyncio.sleep(chance.random() / 100)
        return await refund_orders(back(order_id))

    async def send(order_id: OrderId) -> object:
        await asyncio.sleep(chance.random() / 100)
        return (await ship_orders([a_shipment(order_id, shop)]))[0]

    answers = await asyncio.gather(
        *(give_back(each) for each in orders), *(send(each) for each in orders),
        return_exceptions=True,
    )  # fmt: skip
    shipped = 0
    for order_id, refunded, sent in zip(orders, answers[:12], answers[12:], strict=True):
        state, refunds = await state_of(pool, order_id), await refunds_of(pool, order_id)
        if state == 30:
            assert (sent, refunds) == (ShipVerdict.SHIPPED, [])
            assert isinstance(refunded, NotRefundable)
            shipped += 1
        else:
            assert (state, refunded, len(refunds)) == (200, None, 1)
            assert isinstance(sent, OrderMoved)
    assert await stock_of(pool, goods) == (30 - shipped, 0, shipped)
    assert await balance_of(pool, "escrow", shop, cell=cell) == shipped * goods.price_minor


async def test_the_same_refund_over_many_connections(pool: Pool, ids: IdMaker) -> None:
    town = await a_town(pool, ids)
    order_id = await committed(pool, lambda tx: an_order(tx, ids, town, until="to_ship"))
    answers = await at_once(pool, *[lambda tx: refund(tx, [back(order_id)], ids)] * 8)
    verdicts = [verdict for ((verdict, _),) in answers]
    assert verdicts.count(RefundOrderVerdict.REFUNDED) == 1
    (row,) = await refunds_of(pool, order_id)
    ends = await at_once(pool, *[lambda tx: end_refunds(tx, [refund_news(row)])] * 8)
    assert (
        sorted(verdict for (verdict,) in ends)
        == [RefundVerdict.CONFIRMED] + [RefundVerdict.REPEAT] * 7
    )


async def test_refunds_and_purchases_of_the_same_goods_never_deadlock(
    pool: Pool, ids: IdMaker
) -> None:
    town = await a_town(pool, ids, shops=2, skus=3, stock=1_000)
    orders = []
    for start in range(10):
        goods = [*town.goods[start % 6 :], *town.goods[: start % 6]]
        asked = a_checkout(ids, town.buyers[0], [(each, 1) for each in goods])
        (placed,) = await committed(pool, lambda tx, a=asked: place_all(tx, ids, [a]))
        await committed(pool, lambda tx, p=placed: pay_all(tx, ids, [p]))
        orders += list(placed.order_ids)

    async def buy(tx: Tx) -> None:
        goods = [(each, 1) for each in reversed(town.goods)]
        await place_all(tx, ids, [a_checkout(ids, town.buyers[1], goods) for _ in range(5)])

    async def give_back(tx: Tx, some: list[OrderId]) -> None:
        await refund(tx, [back(each) for each in some], ids)

    works = [lambda tx, at=at: give_back(tx, orders[at::3]) for at in range(3)]
    await at_once(pool, *works, *[buy] * 6)
    assert {await state_of(pool, each) for each in orders} == {200}
