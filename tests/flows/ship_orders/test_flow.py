import asyncio
from dataclasses import replace

import pytest

from jishi.db import Pool, Tx
from jishi.flows.ship_orders import LineShipped, ShipOrders, ShipVerdict, ship
from jishi.flows.ship_orders.types import (
    CarrierMissing,
    OrderMoved,
    OrderTwice,
    OrderUnknown,
    TooManyPieces,
    WaybillInvalid,
)
from jishi.kit.ids import IdMaker, OrderId
from tests.support.makers import (
    CONFIRM_AFTER,
    NOON,
    Town,
    a_checkout,
    a_shipment,
    a_town,
    an_order,
    at_once,
    committed,
    events_of,
    pay_all,
    place_all,
    state_of,
)

pytestmark = pytest.mark.usefixtures("sound")


async def paid_orders(
    pool: Pool, ids: IdMaker, town: Town, count: int, pieces: int = 1
) -> list[OrderId]:
    async def work(tx: Tx) -> list[OrderId]:
        asked = [a_checkout(ids, town.buyers[0], [(town.goods[0], pieces)]) for _ in range(count)]
        placed = await place_all(tx, ids, asked)
        await pay_all(tx, ids, placed)
        return [order_id for each in placed for order_id in each.order_ids]

    return await committed(pool, work)


async def test_a_list_with_every_fault_ships_what_is_right(pool: Pool, ids: IdMaker) -> None:
    town = await a_town(pool, ids)
    shop, other = town.shops
    good, twice, strange, blank, long, much, odd = await paid_orders(pool, ids, town, 7, 2)
    unpaid = await committed(pool, lambda tx: an_order(tx, ids, town))
    answers = await ShipOrders(pool, ids, confirm_after=CONFIRM_AFTER)(
        [
            a_shipment(good, shop),
            a_shipment(twice, shop, [(1, 1)]),
            a_shipment(twice, shop, [(1, 1)]),
            a_shipment(strange, other),
            a_shipment(blank, shop, carrier=""),
            a_shipment(long, shop, waybill="9" * 41),
            a_shipment(much, shop, [(1, 3)]),
            replace(a_shipment(odd, shop), lines=[LineShipped(line=2**40, quantity=1)]),
            a_shipment(unpaid, shop),
            a_shipment(OrderId(ids.make(0)), shop),
        ]
    )
    assert answers[:2] == [ShipVerdict.SHIPPED, ShipVerdict.PART_SHIPPED]
    assert [type(each) for each in answers[2:]] == [
        OrderTwice, OrderUnknown, CarrierMissing, WaybillInvalid, TooManyPieces, TooManyPieces,
        OrderMoved, OrderUnknown,
    ]  # fmt: skip
    assert [await state_of(pool, each) for each in (good, twice, strange, blank, long, much)] == [
        30, 21, 20, 20, 20, 20,
    ]  # fmt: skip


async def test_nothing_to_ship_is_no_work(pool: Pool, ids: IdMaker) -> None:
    assert await ShipOrders(pool, ids, confirm_after=CONFIRM_AFTER)([]) == []


async def test_500_in_one_list(pool: Pool, ids: IdMaker) -> None:
    town = await a_town(pool, ids, stock=1_000)
    orders = [each for _ in range(4) for each in await paid_orders(pool, ids, town, 125)]
    ship_orders = ShipOrders(pool, ids, confirm_after=CONFIRM_AFTER)
    answers = await ship_orders([a_shipment(each, town.shops[0]) for each in orders])
    assert answers == [ShipVerdict.SHIPPED] * 500


async def test_parcels_sent_at_once_never_hold_more_than_there_is(pool: Pool, ids: IdMaker) -> None:
    town = await a_town(pool, ids)
    (order_id,) = await paid_orders(pool, ids, town, 1, 5)
    parcel = a_shipment(order_id, town.shops[0], [(1, 2)])
    answers = await at_once(
        pool, *[lambda tx: ship(tx, [parcel], ids, confirm_after=CONFIRM_AFTER)] * 6
    )
    kinds = [each if isinstance(each, ShipVerdict) else type(each) for (each,) in answers]
    assert kinds.count(ShipVerdict.PART_SHIPPED) == 2
    assert kinds.count(TooManyPieces) == 4
    last = a_shipment(order_id, town.shops[0])
    (end,) = await committed(pool, lambda tx: ship(tx, [last], ids, confirm_after=CONFIRM_AFTER))
    assert end is ShipVerdict.SHIPPED
    shipped = await pool.fetchval(
        "SELECT sum(quantity) FROM parcel_line WHERE order_id = $1", order_id
    )
    assert shipped == 5


async def test_lists_that_arrive_together_judge_one_after_the_other(
    pool: Pool, ids: IdMaker
) -> None:
    town = await a_town(pool, ids)
    orders = await paid_orders(pool, ids, town, 6)
    ship_orders = ShipOrders(pool, ids, confirm_after=CONFIRM_AFTER)
    lists = [orders, orders[::-1], orders[:3]]
    answers = await asyncio.gather(
        *(ship_orders([a_shipment(each, town.shops[0]) for each in some]) for some in lists)
    )
    flat = [each for some in answers for each in some]
    assert flat.count(ShipVerdict.SHIPPED) == 6
    for order_id in orders:
        assert (await events_of(pool, order_id)).count("orders.shipped") == 1


async def test_crossed_lists_never_deadlock(pool: Pool, ids: IdMaker) -> None:
    town = await a_town(pool, ids)
    orders = await paid_orders(pool, ids, town, 30)
    works = [
        lambda tx, some=some: ship(
            tx, [a_shipment(each, town.shops[0]) for each in some], ids, confirm_after=CONFIRM_AFTER
        )
        for some in (orders, orders[::-1], orders[::2] + orders[1::2], orders[15:] + orders[:15])
    ]
    answers = await at_once(pool, *works)
    assert sum(each is ShipVerdict.SHIPPED for some in answers for each in some) == 30


async def test_the_actor_and_the_hour_are_kept(pool: Pool, ids: IdMaker) -> None:
    town = await a_town(pool, ids)
    (order_id,) = await paid_orders(pool, ids, town, 1)
    clerk = town.buyers[1].account_id
    shipment = a_shipment(order_id, town.shops[0], actor_id=clerk)
    await ShipOrders(pool, ids, confirm_after=CONFIRM_AFTER)([shipment])
    step = await pool.fetchrow(
        "SELECT actor, actor_id, why, occurred_at FROM sale_order_step"
        " WHERE order_id = $1 AND state = 30",
        order_id,
    )
    assert tuple(step) == ("shop", clerk, "shipped", NOON)
