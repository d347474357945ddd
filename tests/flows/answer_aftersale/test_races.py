import asyncio
from datetime import timedelta
from typing import Any

import pytest

from jishi.db import Pool, Tx, outbox, transaction
from jishi.flows.answer_aftersale import Asked, act_on, act_once, lapse_due
from jishi.flows.answer_aftersale.listeners import end_cases
from jishi.flows.answer_aftersale.news import told_by
from jishi.flows.complete_orders.flow import complete_due
from jishi.flows.refund_orders import RefundAsked, refund
from jishi.kit.errors import Refusal, Refusals
from jishi.kit.ids import IdMaker, OrderId, cell_of
from jishi.modules.aftersale import Case, Deed, Side
from jishi.modules.aftersale.types_refusals import CaseMoved
from tests.support.aftersale import (
    CONFIRM_AFTER,
    an_asked,
    an_open_case,
    case_row,
    does,
    steps_of,
)
from tests.support.makers import (
    NOON,
    Town,
    a_checkout,
    a_town,
    an_order,
    brought,
    committed,
    place_all,
    refunds_of,
    state_of,
    until_waiting,
)

pytestmark = pytest.mark.usefixtures("sound")


async def try_it(pool: Pool, ids: IdMaker, asked: Asked) -> Case | Refusal:
    try:
        return await committed(
            pool, lambda tx: act_once(tx, asked, ids, confirm_after=CONFIRM_AFTER)
        )
    except Refusal as refusal:
        return refusal


async def a_case(
    pool: Pool, ids: IdMaker, *, at: Any = NOON, until: str = "shipped"
) -> tuple[Town, OrderId, Case]:
    town = await a_town(pool, ids, shops=1)
    order_id = await committed(
        pool, lambda tx: an_order(tx, ids, town, until=until, pieces=2, at=at)
    )
    case = await committed(pool, lambda tx: an_open_case(tx, ids, town, order_id, at=at))
    return town, order_id, case


async def test_two_of_the_staff_answer_at_once(pool: Pool, ids: IdMaker) -> None:
    _town, order_id, case = await a_case(pool, ids)
    agree, refuse = (
        an_asked(case, Deed.AGREE, Side.SHOP, version=1),
        an_asked(case, Deed.REFUSE, Side.SHOP, version=1, reason="used"),
    )
    answers = await asyncio.gather(*(try_it(pool, ids, each) for each in [agree, refuse] * 4))
    assert sum(isinstance(each, Case) for each in answers) == 1
    assert sum(isinstance(each, CaseMoved) for each in answers) == 7
    state = (await case_row(pool, case.id))["state"]
    assert len(await refunds_of(pool, order_id)) == (state == "settled")


async def test_the_buyer_calls_the_market_while_the_shop_agrees(pool: Pool, ids: IdMaker) -> None:
    _town, order_id, case = await a_case(pool, ids)
    case = await committed(
        pool, lambda tx: does(tx, ids, case, Deed.REFUSE, Side.SHOP, reason="used")
    )
    escalate = an_asked(case, Deed.ESCALATE, Side.BUYER, text="No.", version=2)
    agree = an_asked(case, Deed.AGREE, Side.SHOP, version=2)
    answers = await asyncio.gather(try_it(pool, ids, escalate), try_it(pool, ids, agree))
    assert sorted(isinstance(each, Case) for each in answers) == [False, True]
    assert len(await refunds_of(pool, order_id)) == isinstance(answers[1], Case)


async def test_the_clock_and_a_person(pool: Pool, ids: IdMaker) -> None:
    """The deadline itself is the clock's; the person hears that it is over, and nothing is paid twice."""
    _town, order_id, case = await a_case(pool, ids)
    late = NOON + timedelta(hours=48)

    async def clock() -> int:
        return await lapse_due(pool, ids, late, confirm_after=CONFIRM_AFTER)

    person = try_it(pool, ids, an_asked(case, Deed.REFUSE, Side.SHOP, at=late, reason="used"))
    _, answer, _ = await asyncio.gather(clock(), person, clock())
    assert isinstance(answer, Refusal)
    assert (await case_row(pool, case.id))["state"] == "settled"
    assert len(await refunds_of(pool, order_id)) == 1


async def test_one_open_case_on_a_line(pool: Pool, ids: IdMaker) -> None:
    town = await a_town(pool, ids, shops=1)
    order_id = await committed(pool, lambda tx: an_order(tx, ids, town, until="shipped", pieces=3))

    async def one() -> object:
        try:
            return await committed(pool, lambda tx: an_open_case(tx, ids, town, order_id))
        except Refusals as problem:
            return problem.items[0].code

    answers = await asyncio.gather(*(one() for _ in range(6)))
    assert sum(isinstance(each, Case) for each in answers) == 1
    assert answers.count("aftersale.case_open") == 5


async def test_asking_and_answering_never_deadlock(pool: Pool, ids: IdMaker) -> None:
    town, order_id, case = await a_case(pool, ids)

    async def ask_again() -> object:
        try:
            return await committed(pool, lambda tx: an_open_case(tx, ids, town, order_id))
        except Refusals as problem:
            return problem.items[0].code

    agree = an_asked(case, Deed.AGREE, Side.SHOP)
    answers = await asyncio.gather(ask_again(), try_it(pool, ids, agree), ask_again())
    assert isinstance(answers[1], Case)


async def test_a_bulk_answers_each_case_by_itself(pool: Pool, ids: IdMaker) -> None:
    town = await a_town(pool, ids, shops=1, skus=2)

    async def all_at_once(tx: Tx) -> list[Case | Refusal]:
        first = await an_order(tx, ids, town, until="shipped", pieces=2)
        second = await an_order(tx, ids, town, until="to_ship")
        cases = [
            await an_open_case(tx, ids, town, first),
            await an_open_case(tx, ids, town, second, reason="not_wanted"),
        ]
        batch = [an_asked(each, Deed.AGREE, Side.SHOP) for each in [*cases, cases[0]]]
        return await act_on(tx, batch, ids, confirm_after=CONFIRM_AFTER)

    one, two, again = await committed(pool, all_at_once)
    assert isinstance(one, Case)
    assert isinstance(two, Case)
    assert isinstance(again, CaseMoved)


async def test_the_confirming_clock_waits_for_an_open_case(pool: Pool, ids: IdMaker) -> None:
    _town, order_id, case = await a_case(pool, ids)
    due = NOON + CONFIRM_AFTER
    await complete_due(pool, due)
    assert await state_of(pool, order_id) == 30
    await committed(pool, lambda tx: does(tx, ids, case, Deed.WITHDRAW, Side.BUYER))
    await complete_due(pool, due)
    assert await state_of(pool, order_id) == 100


async def test_an_order_refunded_whole_settles_its_cases(pool: Pool, ids: IdMaker) -> None:
    town = await a_town(pool, ids, shops=1)
    order_id = await committed(pool, lambda tx: an_order(tx, ids, town, until="to_ship", pieces=2))
    case = await committed(
        pool, lambda tx: an_open_case(tx, ids, town, order_id, reason="not_wanted")
    )
    wish = RefundAsked(order_id=order_id, actor="shop", at=NOON, why="out_of_stock")
    await committed(pool, lambda tx: refund(tx, [wish], ids))
    event = outbox.Event(1, "orders.refunded", order_id, {}, NOON)
    for _ in range(2):  # a repeat finds nothing open
        await committed(pool, lambda tx: end_cases(tx, [event, event], NOON))
    row = await case_row(pool, case.id)
    assert (row["state"], row["refunded_minor"], row["deadline"]) == ("settled", 0, None)
    assert await steps_of(pool, case.id) == ["asked", "refunded_whole"]
    ended = await pool.fetchrow(
        "SELECT topic, subject_id, payload, occurred_at FROM outbox WHERE subject_id = $1"
        " ORDER BY position DESC LIMIT 1",
        case.id,
    )
    told = told_by([outbox.Event(position=1, **dict(ended))], now=NOON)
    assert [(it.kind, it.account_id, it.shop_id) for it in told] == [
        ("aftersale.refunded_whole", town.buyers[0].account_id, None),
        ("shop.aftersale.refunded_whole", None, town.shops[0]),
    ]


async def test_several_refunds_of_an_order_take_its_stock_before_the_ledger(
    pool: Pool, ids: IdMaker
) -> None:
    """A payment holds stock and then asks for the ledger: a batch the other way round would deadlock."""
    town = await a_town(pool, ids, shops=1, skus=2)
    one, other = town.goods

    async def ask_twice(tx: Tx) -> list[Case]:
        wish = a_checkout(ids, town.buyers[0], [(one, 1), (other, 1)])
        placed = (await place_all(tx, ids, [wish]))[0]
        order_id = await brought(tx, ids, placed, until="to_ship", at=NOON)
        return [
            await an_open_case(tx, ids, town, order_id, line=line, reason="not_wanted")
            for line in (1, 2)
        ]

    cases = await committed(pool, ask_twice)
    batch = [an_asked(each, Deed.AGREE, Side.SHOP) for each in cases]
    backend = asyncio.get_running_loop().create_future()

    async def agree(tx: Tx) -> list[Case | Refusal]:
        backend.set_result(await tx.fetchval("SELECT pg_backend_pid()"))
        return await act_on(tx, batch, ids, confirm_after=CONFIRM_AFTER)

    async with transaction(pool) as held:
        await held.execute(
            "SELECT 1 FROM stock WHERE cell = $1 AND sku_id = $2 FOR NO KEY UPDATE",
            cell_of(other.sku_id),
            other.sku_id,
        )
        agreeing = asyncio.create_task(committed(pool, agree))
        await until_waiting(pool, await backend)
        await held.execute(  # refused at once were the batch holding it
            "SELECT 1 FROM ledger_account WHERE cell = $1 AND kind = 'escrow' FOR NO KEY UPDATE NOWAIT",
            cell_of(one.shop_id),
        )
    assert [each.state for each in await agreeing if isinstance(each, Case)] == ["settled"] * 2
