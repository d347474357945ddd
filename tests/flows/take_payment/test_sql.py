from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest

from jishi.db import Tx
from jishi.flows.take_payment import PartPaid, PayVerdict, pay_orders, record
from jishi.flows.take_payment.flow import settle
from jishi.flows.take_payment.rules import judge
from jishi.kit.ids import IdMaker, OrderId, PaymentId
from jishi.modules.orders import OrderState
from jishi.modules.payments import (
    CallbackNews,
    NewsVerdict,
    Payment,
    PaymentState,
    find_payment,
    judge_news,
)
from tests.support.book import Book, Kept, a_book, kept_order, on_hand, with_repeats
from tests.support.invariants import Sound
from tests.support.makers import (
    NOON,
    a_checkout,
    a_town,
    an_order,
    events_of,
    news_of,
    order_row,
    place_all,
)
from tests.support.plans import reading

LATER = NOON + timedelta(hours=2)
FREE = dict[tuple[int, int], int]
TAKING = (PayVerdict.PAID, PayVerdict.LATE_PAID, PayVerdict.RETURNED)


def judged(book: Book, free: FREE, batch: Sequence[PartPaid]) -> list[PayVerdict]:
    """The rule on one part after the other; orders and free stock become what they should."""
    orders = {kept.id: kept for kept in book.orders}
    taken = {
        (kept.id, kept.payment_id)
        for kept in book.orders
        if kept.state not in (OrderState.UNPAID, OrderState.CANCELLED)
    }
    verdicts = []
    for part in batch:
        kept = orders.get(part.order_id)
        verdict = judge(
            state=kept.state if kept else None,
            closed_why=kept.closed_why if kept else None,
            amount_minor=kept.amount_minor if kept else 0,
            paid_minor=part.amount_minor,
            is_its_payment=kept is not None and kept.payment_id == part.payment_id,
            taken_before=(part.order_id, part.payment_id) in taken,
            has_free_stock=kept is not None
            and all(
                free[line["sku_id"], line["warehouse_id"]] >= line["quantity"]
                for line in kept.lines
            ),
        )
        if verdict in TAKING:
            taken.add((part.order_id, part.payment_id))
        if kept and verdict in (PayVerdict.PAID, PayVerdict.LATE_PAID):
            kept.state, kept.version = OrderState.TO_SHIP, kept.version + 1
        if kept and verdict is PayVerdict.LATE_PAID:
            for line in kept.lines:
                free[line["sku_id"], line["warehouse_id"]] -= line["quantity"]
        verdicts.append(verdict)
    return verdicts


def parts(chance: Random, ids: IdMaker, orders: Sequence[Kept]) -> list[PartPaid]:
    made = []
    for kept in orders:
        right = PartPaid(
            order_id=kept.id,
            payment_id=kept.payment_id,
            amount_minor=kept.amount_minor,
            provider="sandbox",
            paid_at=LATER,
        )
        wrong = chance.random()
        if wrong < 0.1:
            made.append(replace(right, amount_minor=kept.amount_minor + 1))
        elif wrong < 0.2:
            made.append(replace(right, payment_id=PaymentId(ids.make(1))))
        made.append(right)
    made += [replace(made[0], order_id=OrderId(ids.make(at))) for at in range(9)]
    return with_repeats(chance, made)


async def make_scarce(tx: Tx, book: Book, chance: Random) -> None:
    """Somebody else has bought, so that not every late payment finds its goods."""
    for goods in book.town.goods:
        left = chance.choice([0, 1, 3, 6, 400])
        await tx.execute(
            "WITH lost AS (UPDATE stock SET lost = lost + on_hand - $2, on_hand = $2"
            " WHERE sku_id = $1 AND on_hand > $2 RETURNING *, $3::bigint AS before)"
            " INSERT INTO stock_move (cell, sku_id, warehouse_id, kind, quantity, occurred_at)"
            " SELECT cell, sku_id, warehouse_id, 'lose', before - on_hand, $4 FROM lost",
            goods.sku_id,
            left,
            (await on_hand(tx, book.town))[goods.sku_id, goods.warehouse_id],
            NOON,
        )


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
async def test_the_function_judges_as_the_rule(tx: Tx, ids: IdMaker, seed: int) -> None:
    chance = Random(seed)
    book = await a_book(tx, ids, chance, each=12)
    await make_scarce(tx, book, chance)
    free = await on_hand(tx, book.town)
    batch = parts(chance, ids, book.orders)
    verdicts = await pay_orders(tx, batch, ids)
    assert verdicts == judged(book, free, batch)
    assert set(verdicts) == set(PayVerdict)
    assert await on_hand(tx, book.town) == free
    last = {}
    for part, verdict in zip(batch, verdicts, strict=True):
        if verdict in TAKING:
            last[part.order_id] = verdict
    for kept in book.orders:
        after = await kept_order(tx, kept.id)
        assert (after.state, after.version) == (kept.state, kept.version)
        await check_written(tx, kept, last.get(kept.id))


async def check_written(tx: Tx, kept: Kept, verdict: PayVerdict | None) -> None:
    if verdict is None:
        return
    outcome, kind, topic = {
        PayVerdict.PAID: ("applied", "pay", "orders.paid"),
        PayVerdict.LATE_PAID: ("late_applied", "late_pay", "orders.paid"),
        PayVerdict.RETURNED: ("returned", "late_return", "orders.payment_returned"),
    }[verdict]
    (part,) = await tx.fetch("SELECT * FROM payment_part WHERE order_id = $1", kept.id)
    assert (part["outcome"], part["amount_minor"]) == (outcome, kept.amount_minor)
    transfers = await tx.fetch("SELECT kind FROM ledger_transfer WHERE order_id = $1", kept.id)
    assert [row["kind"] for row in transfers] == [kind]
    assert (await events_of(tx, kept.id))[-1] == topic
    refunds = await tx.fetch("SELECT amount_minor FROM refund WHERE order_id = $1", kept.id)
    returned = [kept.amount_minor] if verdict is PayVerdict.RETURNED else []
    assert [row["amount_minor"] for row in refunds] == returned


def judged_news(
    payments: dict[PaymentId, Payment], batch: Sequence[CallbackNews]
) -> list[NewsVerdict]:
    """The rule on one piece of news after the other."""
    verdicts = []
    for news in batch:
        known = payments.get(news.payment_id)
        verdict = judge_news(news, known)
        if known and verdict is NewsVerdict.RECORDED:
            payments[news.payment_id] = replace(known, state=PaymentState.PAID)
        verdicts.append(verdict)
    return verdicts


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_news_is_recorded_as_the_rule_says(
    tx: Tx, ids: IdMaker, sound: Sound, seed: int
) -> None:
    chance = Random(seed)
    book = await a_book(tx, ids, chance, each=10)
    for placed in chance.sample(book.placed, 30):
        await tx.execute("UPDATE payment SET state = 'closed' WHERE id = $1 AND state = 'open'",
                         placed.payment_id)  # fmt: skip
    payments: dict[PaymentId, Payment] = {}
    for placed in book.placed:
        found = await find_payment(tx, placed.payment_id)
        assert found
        payments[placed.payment_id] = found
    made = []
    for placed in book.placed:
        news = news_of(placed, event_id=str(ids.make(0)), occurred_at=LATER)
        odd = chance.random()
        if odd < 0.15:
            made.append(
                replace(news, amount_minor=news.amount_minor - 1, event_id=str(ids.make(0)))
            )
        elif odd < 0.3:
            made.append(replace(news, provider="mint"))
        made.append(news)
    made += [replace(made[0], payment_id=PaymentId(ids.make(at))) for at in range(9)]
    batch = with_repeats(chance, made)
    was_paid = {key for key, known in payments.items() if known.state is PaymentState.PAID}
    verdicts = await record(tx, batch)
    assert verdicts == judged_news(payments, batch)
    assert set(verdicts) == set(NewsVerdict) - {NewsVerdict.DOUBLE}  # tests/flows/return_doubles
    for payment_id, known in payments.items():
        after = await find_payment(tx, payment_id)
        assert after
        assert after.state is known.state
        told = await events_of(tx, payment_id)
        assert told == ["payments.recorded"] * (known.state is PaymentState.PAID)
        if known.state is PaymentState.PAID and payment_id not in was_paid:
            assert after.paid_at == LATER
    events = {news.event_id for news in batch}
    kept = await tx.fetchval(
        "SELECT count(DISTINCT event_id) FROM payment_callback WHERE event_id = ANY ($1)",
        list(events),
    )
    assert kept == len(events)
    await settle(tx, list(payments), ids)
    await sound(tx)


async def test_the_shipping_clock_starts_at_the_payment_or_where_it_is_told(
    tx: Tx, ids: IdMaker
) -> None:
    town = await a_town(tx, ids, ship_within_hours=30)
    for clock_from in (None, LATER):
        order_id = await an_order(tx, ids, town)
        row = await order_row(tx, order_id)
        part = PartPaid(
            order_id=order_id,
            payment_id=row["payment_id"],
            amount_minor=row["amount_minor"],
            provider="sandbox",
            paid_at=NOON,
        )
        await pay_orders(tx, [part], ids, clock_from=clock_from)
        row = await order_row(tx, order_id)
        assert row["paid_at"] == NOON
        assert row["ship_by"] == (clock_from or NOON) + timedelta(hours=30)


async def test_settling_nothing_is_no_work(tx: Tx, ids: IdMaker) -> None:
    assert await settle(tx, [], ids) == 0
    assert await settle(tx, [PaymentId(ids.make(4))], ids) == 0


@pytest.mark.parametrize("size", [1, 128, 500])
async def test_a_batch_of_any_size_reads_by_its_size_alone(
    tx: Tx, ids: IdMaker, sound: Sound, size: int
) -> None:
    town = await a_town(tx, ids, stock=1_000, buyers=9)
    asked = [a_checkout(ids, town.buyers[at % 9], town.goods[at % 4]) for at in range(size)]
    placed = [
        one for at in range(0, size, 128) for one in await place_all(tx, ids, asked[at : at + 128])
    ]
    rows = [await order_row(tx, one.order_ids[0]) for one in placed]
    batch = [
        PartPaid(
            order_id=row["id"],
            payment_id=row["payment_id"],
            amount_minor=row["amount_minor"],
            provider="sandbox",
            paid_at=NOON,
        )
        for row in rows
    ]
    async with reading(tx) as reads:
        recorded = await record(tx, [news_of(one) for one in placed])
        assert await pay_orders(tx, batch, ids) == [PayVerdict.PAID] * size
    assert recorded == [NewsVerdict.RECORDED] * size
    assert reads.scanned == []
    assert await record(tx, [news_of(one) for one in placed]) == [NewsVerdict.REPEAT] * size
    assert await settle(tx, [one.payment_id for one in placed], ids) == 0
    await sound(tx)
