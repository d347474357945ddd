"""Compensation for leaving late: the rule, the money, once, and nothing where nothing is due."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jishi.db import Pool, Tx, transaction
from jishi.flows.compensate import LateRule, compensate_due, late_rule
from jishi.flows.compensate.rules import LateOrder, LinePaid, decide
from jishi.flows.refund_orders import RefundAsked, refund
from jishi.flows.track_parcels import flow as tracking
from jishi.kit.ids import IdMaker, OrderId, cell_of
from jishi.modules.orders import OrderState
from tests.support.invariants import Sound
from tests.support.makers import (
    NOON,
    Town,
    a_town,
    an_order,
    balance_of,
    events_of,
    order_row,
    refunds_of,
    ship_all,
)

RULE = LateRule(after=timedelta(hours=24), rate_bp=500, cap_minor=3_000)
LATE = NOON + timedelta(hours=48 + 24)  # the shop ships within 48 hours


def a_late_order(**changes: Any) -> LateOrder:
    facts: dict[str, Any] = {
        "state": OrderState.TO_SHIP,
        "ship_by": NOON,
        "left_at": None,
        "lines": [LinePaid(line=1, left_minor=10_000, to_send=True)],
    }
    return LateOrder(**{**facts, **changes})


def test_the_instant_itself_is_late_and_a_moment_before_is_not() -> None:
    due = NOON + RULE.after
    assert decide(a_late_order(), RULE, now=due - timedelta(seconds=1)) is None
    found = decide(a_late_order(), RULE, now=due)
    assert found
    assert (found.amount_minor, found.late_hours) == (500, 24)


def test_what_left_in_time_ended_or_is_switched_off_gets_nothing() -> None:
    late = NOON + timedelta(days=9)
    in_time = a_late_order(left_at=NOON + timedelta(hours=23), state=OrderState.SHIPPED)
    assert decide(in_time, RULE, now=late) is None
    assert decide(a_late_order(state=OrderState.REFUNDED), RULE, now=late) is None
    off = late_rule(late_bp=-1, after_hours=24, cap_minor=1, is_production=True)
    assert decide(a_late_order(), off, now=late) is None
    assert late_rule(late_bp=-1, after_hours=24, cap_minor=1, is_production=False).rate_bp == 500


def test_the_cap_and_the_last_unit_hold() -> None:
    late = NOON + timedelta(days=9)
    dear = a_late_order(lines=[LinePaid(line=1, left_minor=10_000_000, to_send=True)])
    assert (decide(dear, RULE, now=late) or pytest.fail("late")).amount_minor == 3_000
    all_of_it = LateRule(after=RULE.after, rate_bp=10_000, cap_minor=10**9)
    few = a_late_order(lines=[LinePaid(line=1, left_minor=1, to_send=True)])
    assert (decide(few, all_of_it, now=late) or pytest.fail("late")).amount_minor == 0


@given(
    st.lists(st.tuples(st.integers(0, 10**7), st.booleans()), min_size=1, max_size=8),
    st.integers(1, 10_000),
)
def test_no_line_gives_more_than_it_has(lines: list[tuple[int, bool]], rate_bp: int) -> None:
    order = a_late_order(
        lines=[LinePaid(line=at, left_minor=m, to_send=s) for at, (m, s) in enumerate(lines, 1)]
    )
    rule = LateRule(after=RULE.after, rate_bp=rate_bp, cap_minor=10**9)
    found = decide(order, rule, now=LATE)
    assert found
    assert sum(each.amount_minor or 0 for each in found.lines) == found.amount_minor
    left = {line.line: line for line in order.lines}
    for each in found.lines:
        keep = 1 if left[each.line].to_send else 0
        assert 0 < (each.amount_minor or 0) <= left[each.line].left_minor - keep


async def a_promised_order(
    tx: Tx, ids: IdMaker, *, until: str = "to_ship", price_minor: int = 10_000
) -> tuple[Town, OrderId]:
    town = await a_town(tx, ids, shops=1, skus=1, buyers=1, price_minor=price_minor)
    order_id = await an_order(tx, ids, town, until="to_ship", pieces=2)
    if until == "shipped":
        await ship_all(tx, ids, [order_id])
    await tracking.promise(tx, [order_id])
    return town, order_id


async def due(tx: Tx, ids: IdMaker, rule: LateRule = RULE, *, now: Any = LATE) -> int:
    done = 0
    while some := await compensate_due(tx, rule, ids, now=now, limit=200):
        done += some
    return done


async def rows_of(db: Pool | Tx, order_id: OrderId) -> list[Any]:
    return list(
        await db.fetch(
            "SELECT * FROM compensation WHERE cell = $1 AND order_id = $2",
            cell_of(order_id),
            order_id,
        )
    )


async def test_a_late_order_pays_its_buyer_once_out_of_what_is_held(
    tx: Tx, ids: IdMaker, sound: Sound
) -> None:
    town, order_id = await a_promised_order(tx, ids)
    held = await balance_of(tx, "escrow", town.shops[0], cell=cell_of(order_id))
    await due(tx, ids)
    await due(tx, ids, now=LATE + timedelta(days=3))
    (row,) = await rows_of(tx, order_id)
    assert (row["state"], row["amount_minor"], row["late_hours"]) == ("paid", 1_000, 24)
    (sent,) = await refunds_of(tx, order_id)
    assert (sent["id"], sent["amount_minor"], sent["why"]) == (
        row["refund_id"],
        1_000,
        "late_compensation",
    )
    now_held = await balance_of(tx, "escrow", town.shops[0], cell=cell_of(order_id))
    assert held - now_held == 1_000
    order = await order_row(tx, order_id)
    assert (order["state"], order["refunded_minor"]) == (20, 1_000)
    assert "compensations.paid" in await events_of(tx, order_id)
    await sound(tx)


async def test_what_left_in_time_is_judged_and_gets_nothing(tx: Tx, ids: IdMaker) -> None:
    _, order_id = await a_promised_order(tx, ids, until="shipped")
    await due(tx, ids)
    assert await rows_of(tx, order_id) == []
    open_ = "SELECT is_open FROM order_promise WHERE cell = $1 AND order_id = $2"
    assert await tx.fetchval(open_, cell_of(order_id), order_id) is False


async def test_an_order_refunded_meanwhile_gets_nothing_and_stops_nobody(
    tx: Tx, ids: IdMaker, sound: Sound
) -> None:
    _, gone = await a_promised_order(tx, ids)
    _, late = await a_promised_order(tx, ids)
    await refund(tx, [RefundAsked(order_id=gone, actor="shop", at=NOON, why="other")], ids)
    await due(tx, ids)
    assert await rows_of(tx, gone) == []
    assert len(await rows_of(tx, late)) == 1
    await sound(tx)


async def test_where_the_rule_gives_nothing_it_is_written_as_void(tx: Tx, ids: IdMaker) -> None:
    _, order_id = await a_promised_order(tx, ids, price_minor=1)
    await due(tx, ids)
    (row,) = await rows_of(tx, order_id)
    assert (row["state"], row["amount_minor"], row["refund_id"]) == ("void", 0, None)


async def test_switched_off_nothing_is_paid_and_it_does_not_reach_back(
    tx: Tx, ids: IdMaker
) -> None:
    _, order_id = await a_promised_order(tx, ids)
    await due(tx, ids, LateRule(after=RULE.after, rate_bp=0, cap_minor=1))
    await due(tx, ids)
    assert await rows_of(tx, order_id) == []


async def test_long_after_nothing_is_paid(tx: Tx, ids: IdMaker) -> None:
    _, order_id = await a_promised_order(tx, ids)
    await due(tx, ids, now=NOON + timedelta(days=60))
    assert await rows_of(tx, order_id) == []


async def test_two_workers_pay_once(pool: Pool, ids: IdMaker, sound: Sound) -> None:
    del sound  # asks afterwards, on what was committed
    async with transaction(pool) as tx:
        _, order_id = await a_promised_order(tx, ids)

    async def one() -> None:
        async with transaction(pool) as tx:
            await compensate_due(tx, RULE, ids, now=LATE, limit=200)

    await asyncio.gather(*(one() for _ in range(4)))
    assert len(await rows_of(pool, order_id)) == 1
    assert len(await refunds_of(pool, order_id)) == 1
