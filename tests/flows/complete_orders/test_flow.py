import asyncio
from datetime import timedelta

import pytest

from jishi.db import Pool, Tx
from jishi.flows.complete_orders import (
    CompleteOrders,
    CompleteVerdict,
    Completion,
    complete,
    complete_due,
)
from jishi.flows.complete_orders.types import NothingToConfirm
from jishi.kit.errors import NotFound
from jishi.kit.ids import AccountId, IdMaker, OrderId, cell_of
from tests.support.makers import (
    CONFIRM_AFTER,
    NOON,
    a_checkout,
    a_town,
    an_order,
    at_once,
    balance_of,
    committed,
    events_of,
    pay_all,
    place_all,
    ship_all,
    state_of,
)

pytestmark = pytest.mark.usefixtures("sound")
DUE = NOON + CONFIRM_AFTER


def confirm(order_id: OrderId, buyer_id: AccountId | None) -> Completion:
    return Completion(order_id=order_id, buyer_id=buyer_id, at=NOON)


async def test_receipt_is_confirmed_once_by_its_buyer(pool: Pool, ids: IdMaker) -> None:
    town = await a_town(pool, ids, fee_bp=250)
    buyer, other = town.buyers
    order_id = await committed(pool, lambda tx: an_order(tx, ids, town, until="shipped", pieces=3))
    complete_orders = CompleteOrders(pool)
    with pytest.raises(NotFound):
        await complete_orders(confirm(order_id, other.account_id))
    assert await complete_orders(confirm(order_id, buyer.account_id)) is CompleteVerdict.COMPLETED
    assert await complete_orders(confirm(order_id, buyer.account_id)) is CompleteVerdict.REPEAT
    amount = town.goods[0].price_minor * 3
    shop, cell = town.shops[0], cell_of(town.shops[0])
    assert await balance_of(pool, "escrow", shop, cell=cell) == 0
    assert (
        await balance_of(pool, "payable:shop", shop, cell=cell) == amount - amount * 250 // 10_000
    )


@pytest.mark.parametrize("until", ["unpaid", "to_ship"])
async def test_what_has_not_been_shipped_cannot_be_confirmed(
    pool: Pool, ids: IdMaker, until: str
) -> None:
    town = await a_town(pool, ids)
    order_id = await committed(pool, lambda tx: an_order(tx, ids, town, until=until))
    with pytest.raises(NothingToConfirm):
        await CompleteOrders(pool)(confirm(order_id, town.buyers[0].account_id))


async def test_there_is_nothing_to_confirm_without_an_order(pool: Pool, ids: IdMaker) -> None:
    with pytest.raises(NotFound):
        await CompleteOrders(pool)(confirm(OrderId(ids.make(3)), AccountId(ids.make(3))))


async def test_a_stranger_in_the_same_batch_does_not_confirm_for_the_owner(
    pool: Pool, ids: IdMaker
) -> None:
    town = await a_town(pool, ids)
    buyer, other = town.buyers
    order_id = await committed(pool, lambda tx: an_order(tx, ids, town, until="shipped"))
    batch = [confirm(order_id, who.account_id) for who in (other, buyer, other, buyer)]
    assert await committed(pool, lambda tx: complete(tx, batch)) == [
        CompleteVerdict.UNKNOWN, CompleteVerdict.COMPLETED,
        CompleteVerdict.UNKNOWN, CompleteVerdict.REPEAT,
    ]  # fmt: skip


async def test_the_clock_confirms_at_its_instant(pool: Pool, ids: IdMaker) -> None:
    town = await a_town(pool, ids)
    order_id = await committed(pool, lambda tx: an_order(tx, ids, town, until="shipped"))
    to_ship = await committed(pool, lambda tx: an_order(tx, ids, town, until="to_ship"))
    while await complete_due(pool, DUE - timedelta(microseconds=1)):
        pass
    assert await state_of(pool, order_id) == 30
    while await complete_due(pool, DUE):
        pass
    assert await state_of(pool, order_id) == 100
    assert await state_of(pool, to_ship) == 20
    step = await pool.fetchrow(
        "SELECT actor, actor_id, why FROM sale_order_step WHERE order_id = $1 AND state = 100",
        order_id,
    )
    assert tuple(step) == ("clock", None, "due")


async def test_buyers_and_clocks_at_once_settle_each_order_once(pool: Pool, ids: IdMaker) -> None:
    town = await a_town(pool, ids, shops=3, skus=1, stock=1_000, fee_bp=100)
    asked = [a_checkout(ids, town.buyers[0], town.goods[at % 3]) for at in range(150)]

    async def shipped(tx: Tx) -> list[OrderId]:
        placed = await place_all(tx, ids, asked)
        await pay_all(tx, ids, placed)
        orders = [order_id for each in placed for order_id in each.order_ids]
        await ship_all(tx, ids, orders)
        return orders

    orders = await committed(pool, shipped)
    complete_orders = CompleteOrders(pool)
    buyer = town.buyers[0].account_id
    answers, *_ = await asyncio.gather(
        asyncio.gather(*(complete_orders(confirm(each, buyer)) for each in orders)),
        *(complete_due(pool, DUE) for _ in range(3)),
    )
    assert set(answers) <= {CompleteVerdict.COMPLETED, CompleteVerdict.REPEAT}
    for order_id in orders:
        assert await state_of(pool, order_id) == 100
        assert (await events_of(pool, order_id)).count("orders.completed") == 1
    for goods in town.goods:
        due = 50 * (goods.price_minor - goods.price_minor // 100)
        cell = cell_of(goods.shop_id)
        assert await balance_of(pool, "payable:shop", goods.shop_id, cell=cell) == due
        assert await balance_of(pool, "escrow", goods.shop_id, cell=cell) == 0


async def test_the_same_receipt_over_many_connections(pool: Pool, ids: IdMaker) -> None:
    town = await a_town(pool, ids)
    order_id = await committed(pool, lambda tx: an_order(tx, ids, town, until="shipped"))
    answers = await at_once(pool, *[lambda tx: complete(tx, [confirm(order_id, None)])] * 10)
    assert sorted(verdict for (verdict,) in answers) == sorted(
        [CompleteVerdict.COMPLETED] + [CompleteVerdict.REPEAT] * 9
    )


async def test_crossed_batches_never_deadlock(pool: Pool, ids: IdMaker) -> None:
    town = await a_town(pool, ids, shops=3, skus=1, stock=1_000)
    orders = [
        await committed(pool, lambda tx: an_order(tx, ids, town, until="shipped"))
        for _ in range(20)
    ]
    batches = [orders, orders[::-1], orders[::2] + orders[1::2]] * 2
    works = [
        lambda tx, b=batch: complete(tx, [confirm(each, None) for each in b]) for batch in batches
    ]
    answers = await at_once(pool, *works)
    done = [verdict for each in answers for verdict in each]
    assert done.count(CompleteVerdict.COMPLETED) == 20
