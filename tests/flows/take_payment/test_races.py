import asyncio
from datetime import timedelta
from random import Random

import pytest

from jishi.db import Pool
from jishi.flows.cancel_orders import Cancellation, CancelVerdict, cancel, lapse_due
from jishi.flows.take_payment import TakePayment, record
from jishi.flows.take_payment.flow import settle
from jishi.kit.ids import IdMaker, OrderId, cell_of
from jishi.modules.payments import NewsVerdict
from tests.support.makers import (
    NOON,
    UNPAID_FOR,
    a_checkout,
    a_town,
    at_once,
    balance_of,
    committed,
    events_of,
    news_of,
    place_all,
    refunds_of,
    state_of,
    stock_of,
)

pytestmark = pytest.mark.usefixtures("sound")
DUE = NOON + UNPAID_FOR
SECONDS = 30


async def test_a_payment_told_over_many_connections_is_recorded_once(
    pool: Pool, ids: IdMaker
) -> None:
    town = await a_town(pool, ids)
    asked = a_checkout(ids, town.buyers[0], town.goods[0])
    (placed,) = await committed(pool, lambda tx: place_all(tx, ids, [asked]))
    news = news_of(placed)
    told = await at_once(pool, *[lambda tx: record(tx, [news])] * 10)
    assert (
        sorted(verdict for (verdict,) in told) == [NewsVerdict.RECORDED] + [NewsVerdict.REPEAT] * 9
    )
    settled = await at_once(pool, *[lambda tx: settle(tx, [placed.payment_id], ids)] * 10)
    assert max(settled) == 1
    assert (await events_of(pool, placed.order_ids[0])).count("orders.paid") == 1
    assert await stock_of(pool, town.goods[0]) == (99, 0, 1)


@pytest.mark.parametrize("seed", range(4))
async def test_pay_and_cancel_at_once_end_in_one_of_two_ways(
    pool: Pool, ids: IdMaker, seed: int
) -> None:
    """Paid and kept, or cancelled and the money on its way back; never both, never neither."""
    chance = Random(seed)
    town = await a_town(pool, ids, stock=500)
    asked = [a_checkout(ids, town.buyers[0], (town.goods[0])) for _ in range(12)]
    placed = await committed(pool, lambda tx: place_all(tx, ids, asked))
    take = TakePayment(pool, ids)

    async def cancel_one(order_id: int) -> CancelVerdict:
        await asyncio.sleep(chance.random() / 200)
        wish = Cancellation(order_id=order_id, actor="buyer", at=NOON, why="buyer_cancelled")
        return (await committed(pool, lambda tx: cancel(tx, [wish])))[0]

    async def pay_one(at: int) -> NewsVerdict:
        await asyncio.sleep(chance.random() / 200)
        return await take(news_of(placed[at]))

    await asyncio.gather(
        *(pay_one(at) for at in range(12)),
        *(cancel_one(each.order_ids[0]) for each in placed),
    )
    kept = 0
    for each in placed:
        (order_id,) = each.order_ids
        refunds = await refunds_of(pool, order_id)
        state = await state_of(pool, order_id)
        assert (state, len(refunds)) in {(20, 0), (250, 1)}
        kept += state == 20
    assert await stock_of(pool, town.goods[0]) == (500 - kept, 0, kept)
    cell = cell_of(town.shops[0])
    escrow = await balance_of(pool, "escrow", town.shops[0], cell=cell)
    assert escrow == kept * town.goods[0].price_minor


async def test_pay_and_lapse_at_once_never_lose_the_money(pool: Pool, ids: IdMaker) -> None:
    town = await a_town(pool, ids, stock=40)
    asked = [a_checkout(ids, town.buyers[0], town.goods[0]) for _ in range(40)]
    placed = await committed(pool, lambda tx: place_all(tx, ids, asked))
    take = TakePayment(pool, ids)
    late = DUE + timedelta(seconds=1)
    await asyncio.gather(
        *(take(news_of(each, occurred_at=late)) for each in placed[:20]),
        *(lapse_due(pool, late) for _ in range(4)),
        *(take(news_of(each, occurred_at=late)) for each in placed[20:]),
    )
    while await lapse_due(pool, late):
        pass
    # Whether it lapsed first or not, the stock was free: every payment keeps its goods.
    assert {await state_of(pool, each.order_ids[0]) for each in placed} == {20}
    assert await stock_of(pool, town.goods[0]) == (0, 0, 40)


async def test_crossed_orders_are_placed_paid_and_cancelled_without_deadlock(
    pool: Pool, ids: IdMaker
) -> None:
    """Batches of everybody's orders in any order, late ones among them, on the same few goods."""
    town = await a_town(pool, ids, shops=3, skus=3, stock=10_000, buyers=8)

    async def cancel_some(order_ids: list[OrderId], chance: Random, why: str) -> None:
        wishes = [
            Cancellation(order_id=each, actor="clock", at=DUE, why=why)
            for each in chance.sample(order_ids, len(order_ids) // 2)
        ]
        await committed(pool, lambda tx: cancel(tx, wishes))

    async def shopper(number: int) -> None:
        chance = Random(number)
        for turn in range(5):
            asked = [
                a_checkout(
                    ids, town.buyers[number], [(each, 1) for each in chance.sample(town.goods, 4)]
                )
                for _ in range(5)
            ]
            placed = await committed(pool, lambda tx, a=asked: place_all(tx, ids, a))
            orders = [order_id for each in placed for order_id in each.order_ids]
            if turn % 2:
                await cancel_some(orders, chance, "lapsed")
            chance.shuffle(placed)
            await committed(pool, lambda tx, p=placed: record(tx, [news_of(each) for each in p]))
            payment_ids = [each.payment_id for each in placed]
            settling = committed(pool, lambda tx, p=payment_ids: settle(tx, p, ids))
            await asyncio.gather(settling, cancel_some(orders, chance, "buyer_cancelled"))

    async with asyncio.timeout(SECONDS):
        await asyncio.gather(*(shopper(number) for number in range(6)))
    held = await pool.fetchval("SELECT sum(held) FROM stock WHERE shop_id = ANY ($1)", town.shops)
    assert held == 0
