"""A day of a market beside the bill of its provider."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from jishi import db
from jishi.db import Pool
from jishi.flows import withdraw
from jishi.flows.place_orders import Placed
from jishi.flows.provider_news import ProviderNews
from jishi.flows.reconcile import Checked, check_bill
from jishi.flows.reconcile.flow import explain_difference
from jishi.flows.reconcile.types import DifferenceNotOpen, NoteMissing
from jishi.flows.refund_orders import RefundAsked, refund
from jishi.flows.withdraw.types import Answered
from jishi.kit.ids import AccountId, IdMaker
from jishi.modules.payments import read_bill
from jishi.modules.payouts import State, Withdrawal
from tests.modules.payments.bill_files import sandbox_bill, sandbox_row
from tests.support.makers import (
    a_checkout,
    a_town,
    committed,
    news_of,
    place_all,
    refund_news,
    refunds_of,
)
from tests.support.payouts import a_bank_account, asked, earned, wish

pytestmark = pytest.mark.usefixtures("sound")
ZONE = "UTC"
_days = iter(range(1, 1000))


def a_day() -> date:
    """A day of its own for each test: they share a database."""
    return date(2031, 1, 1) + timedelta(days=next(_days))


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


async def paid_on(pool: Pool, ids: IdMaker, day: date, count: int) -> list[Placed]:
    town = await a_town(pool, ids)
    made = [a_checkout(ids, town.buyers[0], town.goods[0]) for _ in range(count)]
    placed = await committed(pool, lambda tx: place_all(tx, ids, made))
    apply = ProviderNews(pool, ids, currency="CNY")
    for each in placed:
        await apply(news_of(each, occurred_at=noon(day)), now=noon(day))
    return list(placed)


async def refunded_on(pool: Pool, ids: IdMaker, day: date, placed: Placed) -> Any:
    order_id = placed.order_ids[0]
    wish = RefundAsked(order_id=order_id, actor="buyer", at=noon(day), why="buyer_refunded")
    await committed(pool, lambda tx: refund(tx, [wish], ids))
    (row,) = await refunds_of(pool, order_id)
    apply = ProviderNews(pool, ids, currency="CNY")
    await apply(refund_news(row, occurred_at=noon(day)), now=noon(day))
    return row


def a_bill(day: date, rows: list[str]) -> bytes:
    net = sum(int(row.split(",")[5]) for row in rows)
    ends_at = noon(day) + timedelta(hours=12)
    return sandbox_bill(rows, net=net, ends_at=ends_at)


async def checked(pool: Pool, ids: IdMaker, raw: bytes) -> Checked:
    bill = read_bill(raw, provider=None, day=None, currency="CNY", zone=ZONE)
    async with db.transaction(pool) as tx:
        return await check_bill(
            tx, bill, raw, file_name="a.csv", maker=ids, operator_id=None, now=datetime.now(UTC)
        )


async def rows_of(pool: Pool, check: Checked) -> list[tuple[str, str, str, str]]:
    found = await pool.fetch(
        "SELECT kind, what, number, state FROM bill_difference WHERE check_id = $1"
        " ORDER BY position",
        check.id,
    )
    return [tuple(row) for row in found]


async def test_a_bill_that_agrees_leaves_nothing_open(pool: Pool, ids: IdMaker) -> None:
    day = a_day()
    placed = await paid_on(pool, ids, day, 3)
    back = await refunded_on(pool, ids, day, placed[0])
    rows = [sandbox_row(noon(day), it.payment_id, it.amount_minor) for it in placed]
    number = placed[0].payment_id
    rows.append(sandbox_row(noon(day), number, back["amount_minor"], refund=back["id"]))
    check = await checked(pool, ids, a_bill(day, rows))
    assert (check.open_count, list(check.differences)) == (0, [])
    assert check.totals.our_payments == 3
    assert check.totals.our_refunded_minor == back["amount_minor"]


async def test_every_difference_is_written_down_and_a_second_run_adds_nothing(
    pool: Pool, ids: IdMaker
) -> None:
    day = a_day()
    lacking, dearer, fine = await paid_on(pool, ids, day, 3)
    strange = ids.make(7)
    raw = a_bill(
        day,
        [
            sandbox_row(noon(day), fine.payment_id, fine.amount_minor),
            sandbox_row(noon(day), dearer.payment_id, dearer.amount_minor + 1),
            sandbox_row(noon(day), strange, 500),
            sandbox_row(noon(day), fine.payment_id, fine.amount_minor),
        ],
    )
    first = await checked(pool, ids, raw)
    told = [
        ("amount_differs", "payment", str(dearer.payment_id), "open"),
        ("missing_ours", "payment", str(strange), "open"),
        ("twice", "payment", str(fine.payment_id), "open"),
        ("missing_theirs", "payment", str(lacking.payment_id), "open"),
    ]
    assert await rows_of(pool, first) == told
    again = await checked(pool, ids, raw)
    assert (again.id, again.is_new) == (first.id, False)
    assert await rows_of(pool, first) == told
    total = await pool.fetchval("SELECT count(*) FROM bill_check WHERE day = $1", day)
    assert total == 1


async def test_two_at_once_make_one_check(pool: Pool, ids: IdMaker) -> None:
    day = a_day()
    raw = a_bill(day, [sandbox_row(noon(day), ids.make(7), 500)])
    both = await asyncio.gather(*(checked(pool, ids, raw) for _ in range(4)))
    assert len({it.id for it in both}) == 1
    assert [it.is_new for it in both].count(True) == 1
    assert len(await rows_of(pool, both[0])) == 1


async def test_what_comes_later_is_gone_from_the_differences(pool: Pool, ids: IdMaker) -> None:
    day = a_day()
    town = await a_town(pool, ids)
    asked = a_checkout(ids, town.buyers[0], town.goods[0])
    (placed,) = await committed(pool, lambda tx: place_all(tx, ids, [asked]))
    raw = a_bill(day, [sandbox_row(noon(day), placed.payment_id, placed.amount_minor)])
    first = await checked(pool, ids, raw)
    number = str(placed.payment_id)
    assert await rows_of(pool, first) == [("state_differs", "payment", number, "open")]
    apply = ProviderNews(pool, ids, currency="CNY")
    await apply(news_of(placed, occurred_at=noon(day)), now=noon(day))
    assert (await checked(pool, ids, raw)).open_count == 0
    assert await rows_of(pool, first) == [("state_differs", "payment", number, "gone")]


async def test_what_a_later_bill_has_is_no_longer_missing(pool: Pool, ids: IdMaker) -> None:
    day = a_day()
    (placed,) = await paid_on(pool, ids, day, 1)
    first = await checked(pool, ids, a_bill(day, []))
    assert first.open_count == 1
    day_after = day + timedelta(days=1)
    next(_days)
    raw = a_bill(day_after, [sandbox_row(noon(day_after), placed.payment_id, placed.amount_minor)])
    second = await checked(pool, ids, raw)
    assert await rows_of(pool, second) == [
        ("day_differs", "payment", str(placed.payment_id), "open")
    ]
    assert [row[3] for row in await rows_of(pool, first)] == ["gone"]


async def test_an_operator_explains_once_with_words(pool: Pool, ids: IdMaker) -> None:
    day = a_day()
    operator = AccountId(ids.make(3))
    raw = a_bill(day, [sandbox_row(noon(day), ids.make(7), 500)])
    check = await checked(pool, ids, raw)

    async def explain(note: str) -> None:
        async with db.transaction(pool) as tx:
            await explain_difference(
                tx, check.id, 1, note=note, operator_id=operator, now=noon(day)
            )

    with pytest.raises(NoteMissing):
        await explain("  ")
    await explain("a  test\n payment")
    with pytest.raises(DifferenceNotOpen):
        await explain("again")
    assert (await checked(pool, ids, raw)).states == {"explained": 1}, "a rerun keeps the word"
    note = await pool.fetchval("SELECT note FROM bill_difference WHERE check_id = $1", check.id)
    assert note == "a test payment"
    line = await pool.fetchrow("SELECT action, facts FROM audit WHERE account_id = $1", operator)
    assert line["action"] == "bill.explained"


async def test_other_providers_are_left_alone(pool: Pool, ids: IdMaker) -> None:
    day = a_day()
    (placed,) = await paid_on(pool, ids, day, 1)
    raw = (
        "balance_transaction_id,created_utc,reporting_category,source_id,currency,gross,fee,net,"
        "payment_metadata[payment_id],refund_metadata[refund_id]\n"
        f"txn_1,{day} 12:00:00,charge,ch_1,cny,5.00,0.10,4.90,{placed.payment_id},\n"
    ).encode()
    check = await checked(pool, ids, raw)
    assert [row[:2] for row in await rows_of(pool, check)] == [
        ("missing_ours", "payment"),
        ("fee", "bill"),
    ]
    assert check.totals.our_payments == 0


async def test_a_hundred_thousand_rows_are_one_days_work(pool: Pool, ids: IdMaker) -> None:
    day = a_day()
    count = 100_000
    await pool.execute(
        "INSERT INTO payment (cell, id, checkout_id, buyer_id, provider, amount_minor, currency,"
        " state, order_ids, order_amounts, created_at, expires_at, paid_at)"
        " SELECT 250, ((2000000000000 + n)::bigint << 22) | (250 << 14), 1, 1, 'sandbox', 100,"
        " 'CNY', 'paid', '{}', '{}', $1::timestamptz, $1, $1 FROM generate_series(1, $2::int) n",
        noon(day),
        count,
    )
    try:
        numbers = [((2_000_000_000_000 + n) << 22) | (250 << 14) for n in range(1, count + 1)]
        rows = [sandbox_row(noon(day), it, 100) for it in numbers[:-1]]
        check = await checked(pool, ids, a_bill(day, rows))
        assert check.totals.their_payments == count - 1
        assert [row[:3] for row in await rows_of(pool, check)] == [
            ("missing_theirs", "payment", str(numbers[-1]))
        ]
    finally:
        await pool.execute("DELETE FROM payment WHERE cell = 250")


async def with_the_bank(pool: Pool, ids: IdMaker, day: date) -> Withdrawal:
    """A withdrawal the bank has and nobody has heard the end of."""
    town = await a_town(pool, ids, shops=1, fee_bp=0, price_minor=1_000)
    async with db.transaction(pool) as tx:
        await earned(tx, ids, town)
        account_id = await a_bank_account(tx, ids, town.shops[0])
        it = await asked(tx, ids, wish(ids, town.shops[0], account_id, 900, now=noon(day)))
        await tx.execute(
            "UPDATE withdrawal SET state = 'sent', sent_at = $2 WHERE id = $1", it.id, noon(day)
        )
        await tx.execute(
            "INSERT INTO withdrawal_step (cell, withdrawal_id, step, actor, occurred_at)"
            " VALUES (cell_of($1), $1, 'sent', 'clock', $2)",
            it.id, noon(day),
        )  # fmt: skip
    return it


async def said(pool: Pool, it: Withdrawal, state: State, day: date) -> None:
    async with db.transaction(pool) as tx:
        await withdraw.record(tx, [Answered(id=it.id, state=state)], now=noon(day))


async def test_what_was_paid_out_and_what_came_back_are_compared(pool: Pool, ids: IdMaker) -> None:
    first, second = a_day(), a_day()
    it = await with_the_bank(pool, ids, first)
    out = a_bill(first, [sandbox_row(noon(first), it.id, -900, kind="payout")])
    early = await checked(pool, ids, out)
    assert [(each.kind, each.what, each.our_state) for each in early.differences] == [
        ("state_differs", "payout", "sent")
    ]
    await said(pool, it, State.PAID, first)
    assert (await checked(pool, ids, out)).differences == []
    await said(pool, it, State.RETURNED, second)
    same = await checked(pool, ids, out)
    assert (same.differences, same.totals.our_paid_out_minor) == ([], 900)
    back = a_bill(second, [sandbox_row(noon(second), it.id, 900, kind="payout_return")])
    found = await checked(pool, ids, back)
    assert (found.differences, found.totals.our_came_back_minor) == ([], 900)
    lacking = await checked(pool, ids, a_bill(second, []))
    assert [(each.kind, each.what, each.our_minor) for each in lacking.differences] == [
        ("missing_theirs", "payout_return", 900)
    ]
