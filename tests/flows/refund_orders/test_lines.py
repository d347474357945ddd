import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

import pytest

from jishi.db import Pool, Tx, transaction
from jishi.flows.refund_orders import (
    Goods,
    RefundAsked,
    RefundLine,
    RefundOrderVerdict,
    end_refunds,
    refund,
)
from jishi.flows.refund_orders.rules import LineStands, judge, line_parts
from jishi.flows.ship_orders import ship
from jishi.kit.ids import IdMaker, OrderId, cell_of
from jishi.modules.ledger import post
from jishi.modules.ledger.types import Booking, Posting, TransferKind
from jishi.modules.orders import LineLeft, OrderState, RefundParts
from tests.support.invariants import Sound
from tests.support.makers import (
    CONFIRM_AFTER,
    NOON,
    Town,
    a_shipment,
    a_town,
    balance_of,
    committed,
    complete_all,
    events_of,
    order_row,
    refund_news,
    refunds_of,
    ship_all,
    state_of,
)
from tests.support.payers import CREATOR, Share, an_order_of_many_payers, random_shares

_V = RefundOrderVerdict


@dataclass
class Book:
    """What the rule believes of one order, changed as refunds are granted."""

    order_id: OrderId
    state: OrderState
    lines: dict[int, LineStands]


async def read_lines(tx: Tx, order_id: OrderId) -> list[Any]:
    found: list[Any] = await tx.fetch(
        "SELECT * FROM sale_order_line WHERE cell = $1 AND order_id = $2 ORDER BY line",
        cell_of(order_id),
        order_id,
    )
    return found


def stands(row: Mapping[str, Any]) -> LineStands:
    buyer = row["amount_minor"] - row["platform_minor"] - row["creator_minor"]
    at_buyer = row["shipped_quantity"] - row["refunded_quantity"] + row["cancelled_quantity"]
    return LineStands(
        left=LineLeft(
            units=row["quantity"] - row["refunded_quantity"],
            buyer_minor=buyer - row["refunded_minor"],
            platform_minor=row["platform_minor"] - row["refunded_platform_minor"],
            creator_minor=row["creator_minor"] - row["refunded_creator_minor"],
        ),
        to_ship=row["quantity"] - row["shipped_quantity"] - row["cancelled_quantity"],
        at_buyer=at_buyer,
    )


def a_wish(
    order_id: OrderId, goods: Goods, *lines: tuple[int, int, int | None], **more: Any
) -> RefundAsked:
    made = [
        RefundLine(line=line, quantity=units, amount_minor=money) for line, units, money in lines
    ]
    facts = {"actor": "operator", "at": NOON, "why": "test", **more}
    return RefundAsked(order_id=order_id, goods=goods, lines=made, **facts)


def random_wish(chance: Random, order_id: OrderId, lines: Mapping[int, LineStands]) -> RefundAsked:
    """Mostly within what is left, sometimes beyond; lines now and then unknown or named twice."""
    goods = chance.choice([Goods.UNSHIPPED, Goods.RETURNED, Goods.KEPT, Goods.KEPT])
    made = []
    for number in chance.sample(sorted(lines), chance.randint(1, len(lines))):
        line = lines[number]
        most = line.to_ship if goods is Goods.UNSHIPPED else line.at_buyer
        units = chance.randint(0, most + (1 if chance.random() < 0.1 else 0))
        cap = max(1, line.left.buyer_minor)
        money = chance.choice([None, None, chance.randint(0, cap), cap, cap + 1])
        made.append((number, units, money))
    if chance.random() < 0.05:
        made.append((99, 1, None))
    if chance.random() < 0.05:
        made.append(made[0])
    return a_wish(order_id, goods, *made)


async def a_book(tx: Tx, ids: IdMaker, town: Town, chance: Random, until: str) -> Book:
    order_id = await an_order_of_many_payers(
        tx,
        ids,
        town,
        random_shares(chance, town.goods),
        until="to_ship" if until == "part_shipped" else until,
    )
    if until == "part_shipped":
        first = (await read_lines(tx, order_id))[0]
        some = [(1, chance.randint(1, first["quantity"]))]
        await ship(
            tx, [a_shipment(order_id, town.shops[0], some)], ids, confirm_after=CONFIRM_AFTER
        )
    return await now(tx, order_id)


async def now(tx: Tx, order_id: OrderId) -> Book:
    rows = await read_lines(tx, order_id)
    state = OrderState(await state_of(tx, order_id))
    return Book(order_id, state, {row["line"]: stands(row) for row in rows})


def parts_of(book: Book, asked: RefundAsked) -> dict[int, RefundParts]:
    found = {it.line: line_parts(asked.goods, it, book.lines.get(it.line)) for it in asked.lines}
    return {line: parts for line, parts in found.items() if parts is not None}


@pytest.mark.parametrize("until", ["to_ship", "part_shipped", "shipped", "completed"])
@pytest.mark.parametrize("seed", range(4))
async def test_the_function_divides_as_the_rule(
    tx: Tx, ids: IdMaker, sound: Sound, until: str, seed: int
) -> None:
    chance = Random(f"{until}{seed}")
    town = await a_town(tx, ids, shops=1, skus=3, stock=2_000, price_minor=chance.randint(1, 3_000))
    books = [await a_book(tx, ids, town, chance, until) for _ in range(6)]
    seen: set[RefundOrderVerdict] = set()
    for _ in range(6):
        books = [await now(tx, book.order_id) for book in books]
        batch = [random_wish(chance, book.order_id, book.lines) for book in books]
        answers = await refund(tx, batch, ids)
        for book, asked, (verdict, refund_id) in zip(books, batch, answers, strict=True):
            expected = judge(
                state=book.state,
                is_theirs=True,
                goods=asked.goods,
                lines=asked.lines,
                stands=book.lines,
            )
            assert verdict is expected, (book, asked)
            seen.add(verdict)
            if verdict is not _V.REFUNDED:
                continue
            kept = await tx.fetch(
                "SELECT * FROM refund_line WHERE cell = $1 AND refund_id = $2",
                cell_of(refund_id),
                refund_id,
            )
            assert {
                row["line"]: (row["amount_minor"], row["platform_minor"], row["creator_minor"])
                for row in kept
            } == {
                line: (it.buyer_minor, it.platform_minor, it.creator_minor)
                for line, it in parts_of(book, asked).items()
            }
    assert _V.REFUNDED in seen
    await sound(tx)


@pytest.mark.parametrize("until", ["to_ship", "shipped", "completed"])
@pytest.mark.parametrize("seed", range(4))
async def test_any_sequence_of_refunds_ends_at_exactly_nothing(
    tx: Tx, ids: IdMaker, sound: Sound, until: str, seed: int
) -> None:
    chance = Random(f"zero{until}{seed}")
    town = await a_town(tx, ids, shops=1, skus=3, stock=2_000, price_minor=chance.randint(7, 3_000))
    shop, cell = town.shops[0], cell_of(town.shops[0])
    before = {
        kind: await balance_of(tx, kind, party, cell=cell)
        for kind, party in (("fee", 0), ("subsidy", 0), ("receivable:creator", CREATOR))
    }
    book = await a_book(tx, ids, town, chance, until)
    units = Goods.UNSHIPPED if until == "to_ship" else Goods.RETURNED
    for _ in range(40):
        if book.state is OrderState.REFUNDED:
            break
        await refund(tx, [random_wish(chance, book.order_id, book.lines)], ids)
        book = await now(tx, book.order_id)
    for number, line in book.lines.items():
        if line.left.units and book.state is not OrderState.REFUNDED:
            whole = a_wish(book.order_id, units, (number, line.left.units, None))
            await refund(tx, [whole], ids)
        elif line.left.buyer_minor:
            rest = a_wish(book.order_id, Goods.KEPT, (number, 0, line.left.buyer_minor))
            await refund(tx, [rest], ids)
    book = await now(tx, book.order_id)
    money = [
        (it.left.buyer_minor, it.left.platform_minor, it.left.creator_minor)
        for it in book.lines.values()
    ]
    assert set(money) == {(0, 0, 0)}
    assert book.state is OrderState.REFUNDED
    row = await order_row(tx, book.order_id)
    assert (
        row["refunded_minor"] + row["platform_minor"] + row["creator_minor"] == row["amount_minor"]
    )
    assert (row["refunded_platform_minor"], row["refunded_creator_minor"]) == (
        row["platform_minor"],
        row["creator_minor"],
    )
    waiting = [it for it in await refunds_of(tx, book.order_id) if it["state"] == "asked"]
    await end_refunds(tx, [refund_news(it) for it in waiting])
    assert await balance_of(tx, "escrow", shop, cell=cell) == 0
    assert await balance_of(tx, "payable:shop", shop, cell=cell) == 0
    assert await balance_of(tx, "receivable:shop", shop, cell=cell) == 0
    for kind, party in (("fee", 0), ("subsidy", 0), ("receivable:creator", CREATOR)):
        assert await balance_of(tx, kind, party, cell=cell) == before[kind], kind
    await sound(tx)


async def test_a_shop_that_was_paid_out_owes_what_goes_back(
    tx: Tx, ids: IdMaker, sound: Sound
) -> None:
    town = await a_town(tx, ids, shops=1, skus=1, price_minor=10_000)
    shop, cell = town.shops[0], cell_of(town.shops[0])
    share = Share(goods=town.goods[0], quantity=2, platform_minor=1_001, creator_minor=501)
    order_id = await an_order_of_many_payers(tx, ids, town, [share], until="completed", fee_bp=100)
    held = await balance_of(tx, "payable:shop", shop, cell=cell)
    assert held == 20_000 - 200
    # its money is gone, whatever for
    out = [
        Posting(posting=1, kind="payable:shop", party_id=shop, amount_minor=held - 300),
        Posting(posting=2, kind="payable:creator", party_id=CREATOR, amount_minor=300 - held),
    ]
    booking = Booking(
        cell=cell, kind=TransferKind.COMPENSATION, subject_id=ids.make(cell), at=NOON, postings=out
    )
    await post(tx, [booking])
    ((verdict, _),) = await refund(tx, [a_wish(order_id, Goods.RETURNED, (1, 1, None))], ids)
    assert verdict is _V.REFUNDED
    row = (await refunds_of(tx, order_id))[0]
    back = row["amount_minor"] + row["platform_minor"] + row["creator_minor"]
    assert (back, row["platform_minor"], row["creator_minor"], row["fee_minor"]) == (
        10_001, 501, 251, 101,
    )  # fmt: skip
    assert await balance_of(tx, "payable:shop", shop, cell=cell) == 0
    assert await balance_of(tx, "receivable:shop", shop, cell=cell) == -(10_001 - 101 - 300)
    assert await events_of(tx, order_id) == [
        "orders.placed", "orders.paid", "orders.shipped", "orders.completed", "orders.part_refunded",
    ]  # fmt: skip
    await sound(tx)


async def test_units_nobody_sent_end_the_sending(tx: Tx, ids: IdMaker, sound: Sound) -> None:
    """The last units to send go back to the shelf: the order counts as shipped, its clock runs."""
    town = await a_town(tx, ids, shops=1, skus=2)
    shares = [Share(goods=each, quantity=2) for each in town.goods]
    order_id = await an_order_of_many_payers(tx, ids, town, shares, until="to_ship")
    await ship(
        tx, [a_shipment(order_id, town.shops[0], [(1, 2)])], ids, confirm_after=CONFIRM_AFTER
    )
    answers = await refund(
        tx, [a_wish(order_id, Goods.UNSHIPPED, (2, 2, None))], ids, confirm_after=CONFIRM_AFTER
    )
    assert answers[0][0] is _V.REFUNDED
    row = await order_row(tx, order_id)
    assert (row["state"], row["confirm_by"]) == (30, NOON + CONFIRM_AFTER)
    await complete_all(tx, [order_id])
    await sound(tx)


async def test_a_line_named_twice_or_unknown_is_refused(tx: Tx, ids: IdMaker, sound: Sound) -> None:
    town = await a_town(tx, ids, shops=1, skus=1)
    share = Share(goods=town.goods[0], quantity=3)
    order_id = await an_order_of_many_payers(tx, ids, town, [share], until="to_ship")
    for lines in (
        [(1, 1, None), (1, 1, None)],
        [(2, 1, None)],
        [(1, 4, None)],
        [(1, -1, None)],
        [],
    ):
        ((verdict, _),) = await refund(tx, [a_wish(order_id, Goods.UNSHIPPED, *lines)], ids)
        assert verdict is _V.TOO_MUCH, lines
    for goods in (Goods.RETURNED,):
        ((verdict, _),) = await refund(tx, [a_wish(order_id, goods, (1, 1, None))], ids)
        assert verdict is _V.WRONG_STATE
    price = town.goods[0].price_minor
    ((verdict, _),) = await refund(tx, [a_wish(order_id, Goods.KEPT, (1, 0, price * 3))], ids)
    assert verdict is _V.TOO_MUCH, "money alone must not take all of what is still to be sent"
    await sound(tx)


@pytest.mark.usefixtures("sound")
@pytest.mark.parametrize("seed", range(2))
async def test_ship_and_refund_of_the_same_units_never_both(
    pool: Pool, ids: IdMaker, seed: int
) -> None:
    chance = Random(seed)
    town = await a_town(pool, ids, shops=1, skus=1, stock=100)
    shop = town.shops[0]
    share = Share(goods=town.goods[0], quantity=3, platform_minor=100)
    orders = [
        await committed(
            pool, lambda tx: an_order_of_many_payers(tx, ids, town, [share], until="to_ship")
        )
        for _ in range(8)
    ]

    async def send(order_id: OrderId) -> object:
        await asyncio.sleep(chance.random() / 100)
        async with transaction(pool) as tx:
            parcel = a_shipment(order_id, shop, [(1, 2)])
            return (await ship(tx, [parcel], ids, confirm_after=CONFIRM_AFTER))[0]

    async def give_back(order_id: OrderId) -> RefundOrderVerdict:
        await asyncio.sleep(chance.random() / 100)
        async with transaction(pool) as tx:
            wish = a_wish(order_id, Goods.UNSHIPPED, (1, 2, None))
            return (await refund(tx, [wish], ids))[0][0]

    answers = await asyncio.gather(
        *(send(one) for one in orders), *(give_back(one) for one in orders)
    )
    for order_id, sent, refunded in zip(orders, answers[:8], answers[8:], strict=True):
        async with pool.acquire() as connection:
            (line,) = await read_lines(connection, order_id)
        assert line["shipped_quantity"] + line["cancelled_quantity"] == 2
        assert (refunded is _V.REFUNDED) == (line["cancelled_quantity"] == 2), sent


@pytest.mark.usefixtures("sound")
async def test_refunds_of_one_line_at_once_never_exceed_it(pool: Pool, ids: IdMaker) -> None:
    town = await a_town(pool, ids, shops=1, skus=1, stock=100)
    share = Share(goods=town.goods[0], quantity=4, creator_minor=1_000)
    order_id = await committed(
        pool, lambda tx: an_order_of_many_payers(tx, ids, town, [share], until="completed")
    )

    async def take(goods: Goods) -> RefundOrderVerdict:
        async with transaction(pool) as tx:
            return (await refund(tx, [a_wish(order_id, goods, (1, 1, None))], ids))[0][0]

    answers = await asyncio.gather(*(take(each) for each in [Goods.RETURNED, Goods.KEPT] * 5))
    assert answers.count(_V.REFUNDED) == 4
    assert await state_of(pool, order_id) == 200
    assert set(answers) - {_V.REFUNDED} <= {_V.TOO_MUCH, _V.WRONG_STATE}


async def test_shipping_what_is_left_after_a_refund(tx: Tx, ids: IdMaker, sound: Sound) -> None:
    town = await a_town(tx, ids, shops=1, skus=1)
    share = Share(goods=town.goods[0], quantity=3)
    order_id = await an_order_of_many_payers(tx, ids, town, [share], until="to_ship")
    await refund(tx, [a_wish(order_id, Goods.UNSHIPPED, (1, 1, None))], ids)
    await ship_all(tx, ids, [order_id])
    (line,) = await read_lines(tx, order_id)
    assert (line["shipped_quantity"], line["cancelled_quantity"]) == (2, 1)
    assert await state_of(tx, order_id) == 30
    await sound(tx)
