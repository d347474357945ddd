import asyncio
from datetime import timedelta

import pytest

from jishi.db import Pool
from jishi.db.outbox import deliver, open_listener
from jishi.flows.cancel_orders import Cancellation, cancel, lapse_due
from jishi.flows.cancel_orders.listeners import LISTENERS
from jishi.kit.ids import IdMaker, cell_of
from tests.support.makers import (
    NOON,
    UNPAID_FOR,
    a_checkout,
    a_town,
    an_order,
    committed,
    place_all,
    state_of,
    stock_of,
)

pytestmark = pytest.mark.usefixtures("sound")
DUE = NOON + UNPAID_FOR
SECONDS = 20


async def test_unpaid_orders_lapse_at_their_instant(pool: Pool, ids: IdMaker) -> None:
    town = await a_town(pool, ids, stock=9)
    early = await committed(
        pool, lambda tx: an_order(tx, ids, town, pieces=2, at=NOON - timedelta(seconds=1))
    )
    order_id = await committed(pool, lambda tx: an_order(tx, ids, town, pieces=3))
    paid = await committed(pool, lambda tx: an_order(tx, ids, town, until="to_ship"))
    while await lapse_due(pool, DUE - timedelta(microseconds=1)):
        pass
    assert await state_of(pool, early) == 250
    assert await state_of(pool, order_id) == 10
    while await lapse_due(pool, DUE):
        pass
    assert await state_of(pool, order_id) == 250
    assert await state_of(pool, paid) == 20
    assert await stock_of(pool, town.goods[0]) == (8, 0, 1)


async def test_many_clocks_let_each_order_lapse_once(pool: Pool, ids: IdMaker) -> None:
    town = await a_town(pool, ids, shops=4, skus=3, stock=2_000)
    asked = [
        a_checkout(
            ids, town.buyers[at % 2], [(town.goods[at % 12], 1), (town.goods[-1 - at % 5], 1)]
        )
        if town.goods[at % 12] != town.goods[-1 - at % 5]
        else a_checkout(ids, town.buyers[0], town.goods[0])
        for at in range(600)
    ]
    for start in range(0, 600, 100):
        await committed(pool, lambda tx, at=start: place_all(tx, ids, asked[at : at + 100]))
    order_count = await pool.fetchval(
        "SELECT count(*) FROM sale_order WHERE state = 10 AND expires_at <= $1", DUE
    )

    async def clock() -> int:
        done = 0
        while some := await lapse_due(pool, DUE):
            done += some
        return done

    assert sum(await asyncio.gather(*(clock() for _ in range(4)))) == order_count
    steps = await pool.fetchval(
        "SELECT max(n) FROM (SELECT count(*) AS n FROM sale_order_step s JOIN sale_order o"
        " ON o.cell = s.cell AND o.id = s.order_id WHERE o.shop_id = ANY ($1) GROUP BY o.id) c",
        town.shops,
    )
    assert steps == 2
    for goods in town.goods:
        assert await stock_of(pool, goods) == (2_000, 0, 0)


async def test_an_order_somebody_is_paying_is_left_to_them(pool: Pool, ids: IdMaker) -> None:
    town = await a_town(pool, ids)
    order_id = await committed(pool, lambda tx: an_order(tx, ids, town))
    async with pool.acquire() as holder, holder.transaction():
        await holder.execute(
            "SELECT FROM sale_order WHERE cell = $1 AND id = $2 FOR UPDATE",
            cell_of(order_id),
            order_id,
        )
        async with asyncio.timeout(SECONDS):
            while await lapse_due(pool, DUE):
                pass
    assert await state_of(pool, order_id) == 10
    while await lapse_due(pool, DUE):
        pass
    assert await state_of(pool, order_id) == 250


async def test_a_payment_closes_with_its_last_order(pool: Pool, ids: IdMaker) -> None:
    town = await a_town(pool, ids, shops=2, skus=1)
    asked = a_checkout(ids, town.buyers[0], [(goods, 1) for goods in town.goods])
    (placed,) = await committed(pool, lambda tx: place_all(tx, ids, [asked]))
    (listener,) = LISTENERS
    await open_listener(pool, listener)

    async def payment_state() -> str:
        async with asyncio.timeout(SECONDS):
            while True:
                passed = await deliver(pool, listener, now=NOON)
                heard = await pool.fetchval(
                    "SELECT bool_and((c.xid, c.position) >= (o.xid, o.position)) FROM outbox o"
                    " JOIN outbox_cursor c ON c.cell = o.cell AND c.listener = $1"
                    " WHERE o.subject_id = ANY ($2)",
                    listener.name,
                    placed.order_ids,
                )
                if not passed and heard:
                    break
        return str(
            await pool.fetchval("SELECT state FROM payment WHERE id = $1", placed.payment_id)
        )

    for order_id, state in zip(placed.order_ids, ("open", "closed"), strict=True):
        wish = Cancellation(order_id=order_id, actor="buyer", at=NOON, why="buyer_cancelled")
        await committed(pool, lambda tx, wish=wish: cancel(tx, [wish]))
        assert await payment_state() == state
