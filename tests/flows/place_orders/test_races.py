import asyncio
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from jishi.db import Pool, Tx
from jishi.flows.place_orders import CheckoutAsked, Placed, PlaceOrders, Refused, place
from jishi.flows.place_orders.types import PriceChanged, StockShort
from jishi.kit.errors import KeyReused
from jishi.kit.ids import IdMaker, cell_of
from tests.support.makers import (
    TERMS,
    a_checkout,
    a_town,
    at_once,
    committed,
    stock_of,
    until_waiting,
)

pytestmark = pytest.mark.usefixtures("sound")
SECONDS = 20


@pytest.mark.parametrize("processes", [1, 4])
async def test_of_64_buyers_exactly_as_many_as_there_are_pieces_get_one(
    pool: Pool, ids: IdMaker, processes: int
) -> None:
    town = await a_town(pool, ids, shops=1, skus=1, buyers=64, stock=37)
    doors = [PlaceOrders(pool, ids, TERMS, lanes=2) for _ in range(processes)]
    answers = await asyncio.gather(
        *(
            doors[at % processes](a_checkout(ids, buyer, town.goods[0]))
            for at, buyer in enumerate(town.buyers)
        )
    )
    assert sum(isinstance(each, Placed) for each in answers) == 37
    short = [each.refusals[0] for each in answers if isinstance(each, Refused)]
    assert len(short) == 27
    assert all(isinstance(each, StockShort) for each in short)
    assert await stock_of(pool, town.goods[0]) == (0, 37, 0)


async def test_last_pieces_one_by_one_over_many_connections(pool: Pool, ids: IdMaker) -> None:
    town = await a_town(pool, ids, shops=1, skus=1, buyers=64, stock=10)
    asked = [a_checkout(ids, buyer, [(town.goods[0], 3)]) for buyer in town.buyers]
    answers = await at_once(
        pool, *[lambda tx, each=each: place(tx, [each], ids, TERMS) for each in asked]
    )
    assert sum(isinstance(verdict, Placed) for (verdict,) in answers) == 3
    assert await stock_of(pool, town.goods[0]) == (1, 9, 0)


async def test_the_same_key_over_two_connections_has_one_effect(pool: Pool, ids: IdMaker) -> None:
    """The second waits for the first, then gets its answer; another body is refused."""
    town = await a_town(pool, ids)
    asked = a_checkout(ids, town.buyers[0], town.goods[0])
    other = replace(asked, request_hash=b"other")

    async def second(tx: Tx, wish: CheckoutAsked, ready: asyncio.Future[int]) -> Any:
        ready.set_result(await tx.fetchval("SELECT pg_backend_pid()"))
        return await place(tx, [wish], ids, TERMS)

    async with pool.acquire() as connection:
        holding = connection.transaction()
        await holding.start()
        (first,) = await place(connection, [asked], ids, TERMS)
        waiting = []
        for wish in (asked, other):
            ready = asyncio.get_running_loop().create_future()
            work = lambda tx, wish=wish, ready=ready: second(tx, wish, ready)  # noqa: E731
            waiting.append(asyncio.ensure_future(committed(pool, work)))
            await until_waiting(pool, await ready)
        await holding.commit()
    (again,), (refused,) = await asyncio.gather(*waiting)
    assert isinstance(first, Placed)
    assert again == replace(first, is_repeat=True)
    assert isinstance(refused, Refused)
    assert isinstance(refused.refusals[0], KeyReused)
    assert await stock_of(pool, town.goods[0]) == (99, 1, 0)


async def test_a_key_whose_first_try_was_rolled_back_is_free(pool: Pool, ids: IdMaker) -> None:
    town = await a_town(pool, ids)
    asked = a_checkout(ids, town.buyers[0], town.goods[0])
    async with pool.acquire() as connection:
        dying = connection.transaction()
        await dying.start()
        await place(connection, [asked], ids, TERMS)
        retry = asyncio.ensure_future(committed(pool, lambda tx: place(tx, [asked], ids, TERMS)))
        await asyncio.sleep(0.02)
        await dying.rollback()
    (answer,) = await retry
    assert isinstance(answer, Placed)
    assert not answer.is_repeat


async def test_twenty_taps_on_one_button_are_one_order(pool: Pool, ids: IdMaker) -> None:
    town = await a_town(pool, ids)
    asked = a_checkout(ids, town.buyers[0], town.goods[0])
    doors = [PlaceOrders(pool, ids, TERMS) for _ in range(4)]
    answers = await asyncio.gather(*(doors[at % 4](asked) for at in range(20)))
    assert all(isinstance(each, Placed) for each in answers)
    assert len({each.checkout_id for each in answers if isinstance(each, Placed)}) == 1
    assert sum(not each.is_repeat for each in answers if isinstance(each, Placed)) == 1
    assert await stock_of(pool, town.goods[0]) == (99, 1, 0)


async def test_a_price_that_changes_while_we_wait_for_stock_is_noticed(
    pool: Pool, ids: IdMaker
) -> None:
    town = await a_town(pool, ids)
    goods = town.goods[0]

    async def buy(tx: Tx, ready: asyncio.Future[int]) -> Any:
        ready.set_result(await tx.fetchval("SELECT pg_backend_pid()"))
        return await place(tx, [a_checkout(ids, town.buyers[0], goods)], ids, TERMS)

    async with pool.acquire() as connection:
        holding = connection.transaction()
        await holding.start()
        await connection.execute(
            "SELECT FROM stock WHERE cell = $1 AND sku_id = $2 FOR UPDATE",
            cell_of(goods.sku_id),
            goods.sku_id,
        )
        ready = asyncio.get_running_loop().create_future()
        buying = asyncio.ensure_future(committed(pool, lambda tx: buy(tx, ready)))
        await until_waiting(pool, await ready)
        await connection.execute(
            "UPDATE sku SET price_minor = price_minor + 1 WHERE id = $1", goods.sku_id
        )
        await holding.commit()
    (answer,) = await buying
    assert isinstance(answer, Refused)
    assert isinstance(answer.refusals[0], PriceChanged)
    assert answer.refusals[0].facts["price_minor"] == goods.price_minor + 1


@pytest.mark.parametrize("batch", [1, 9])
async def test_crossed_goods_never_deadlock(pool: Pool, ids: IdMaker, batch: int) -> None:
    """Everyone wants the same goods, each in an order of their own."""
    town = await a_town(pool, ids, shops=3, skus=3, buyers=8, stock=10_000)

    async def shopper(number: int) -> int:
        chance, pieces = Random(number), 0
        for _ in range(8):
            wishes = []
            for _ in range(batch):
                goods = chance.sample(town.goods, 5)
                wishes.append(a_checkout(ids, town.buyers[number], [(each, 1) for each in goods]))
            answers = await committed(pool, lambda tx, w=wishes: place(tx, w, ids, TERMS))
            assert all(isinstance(each, Placed) for each in answers)
            pieces += 5 * batch
        return pieces

    async with asyncio.timeout(SECONDS):
        sold = sum(await asyncio.gather(*(shopper(number) for number in range(8))))
    assert sum([(await stock_of(pool, goods))[1] for goods in town.goods]) == sold
