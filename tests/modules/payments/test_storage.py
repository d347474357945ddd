import asyncio
from datetime import timedelta
from random import Random

from jishi.db import Pool, transaction
from jishi.modules.payments import rules, service, storage
from jishi.modules.payments.types import NewsKind, PaymentState, PayPage, RefundState
from tests.modules.payments.makers import (
    NOON,
    a_payment,
    a_refund,
    insert_payment,
    insert_refund,
    some_news,
)

MINUTE = timedelta(minutes=1)


async def test_a_payment_reads_as_it_was_written(clean: Pool) -> None:
    payment = a_payment(state=PaymentState.PAID, paid_at=NOON, pay_url="u", provider_ref="r")
    await insert_payment(clean, payment)
    async with transaction(clean) as tx:
        assert await storage.find_payment(tx, payment.id) == payment
        assert await storage.find_payment(tx, a_payment().id) is None


async def test_asking_marks_exactly_what_the_rule_lets_open(clean: Pool) -> None:
    random = Random(7)
    for _ in range(60):
        state = random.choice(list(PaymentState))
        payment = a_payment(
            state=state,
            paid_at=NOON if state is PaymentState.PAID else None,
            expires_at=NOON + random.choice([-MINUTE, timedelta(0), MINUTE]),
        )
        await insert_payment(clean, payment)
        async with transaction(clean) as tx:
            asked = await storage.choose_provider(
                tx, payment.id, "sandbox", now=NOON, check_at=NOON + MINUTE
            )
        assert (asked is not None) is rules.may_open(payment, now=NOON)


async def test_a_page_is_kept_until_the_payment_is_paid(clean: Pool) -> None:
    page = PayPage(provider_ref="later", pay_url="http://p")
    waiting = a_payment(provider_ref="first")
    elsewhere = a_payment(provider="alipay", provider_ref="first")
    paid = a_payment(provider_ref="first", state=PaymentState.PAID, paid_at=NOON)
    for payment in (waiting, elsewhere, paid):
        await insert_payment(clean, payment)
        async with transaction(clean) as tx:
            await storage.save_page(tx, payment.id, "sandbox", page)
            kept = await storage.find_payment(tx, payment.id)
        assert kept
        expected = ("later", "http://p") if payment is waiting else ("first", None)
        assert (kept.provider_ref, kept.pay_url) == expected
    async with transaction(clean) as tx:
        await storage.save_page(
            tx, waiting.id, "sandbox", PayPage(provider_ref="", pay_url="http://q")
        )
        kept = await storage.find_payment(tx, waiting.id)
    assert kept
    assert (kept.provider_ref, kept.pay_url) == ("later", "http://q")


async def test_due_payments_are_claimed_once_by_whoever_comes(clean: Pool) -> None:
    due = [a_payment(asked_at=NOON) for _ in range(30)]
    for payment in due:
        await insert_payment(clean, payment, check_at=NOON)
    await insert_payment(clean, a_payment(), check_at=NOON + MINUTE)
    await insert_payment(clean, a_payment(state=PaymentState.PAID, paid_at=NOON), check_at=NOON)
    await insert_payment(clean, a_payment())

    async def claim() -> list[int]:
        async with transaction(clean) as tx:
            until = NOON + MINUTE
            taken = await storage.claim_payments(tx, now=NOON, until=until, limit=12)
            return [payment.id for payment in taken]

    claimed = await asyncio.gather(*(claim() for _ in range(4)))
    ids = [one for batch in claimed for one in batch]
    assert len(ids) == len(set(ids))
    assert set(ids) <= {payment.id for payment in due}
    while more := await claim():
        ids += more
    assert set(ids) == {payment.id for payment in due}


async def test_a_closed_payment_is_still_asked_about(clean: Pool) -> None:
    lapsed = a_payment(state=PaymentState.CLOSED, asked_at=NOON)
    await insert_payment(clean, lapsed, check_at=NOON)
    async with transaction(clean) as tx:
        taken = await storage.claim_payments(tx, now=NOON, until=NOON + MINUTE, limit=5)
        assert [payment.id for payment in taken] == [lapsed.id]
        await storage.save_checks(tx, [(lapsed.id, None)])
        late = NOON + timedelta(days=1)
        assert await storage.claim_payments(tx, now=late, until=late, limit=5) == []


async def test_a_refund_that_ended_meanwhile_stays_ended(clean: Pool) -> None:
    refunds = [a_refund(state=state) for state in RefundState]
    for refund in refunds:
        await insert_refund(clean, refund)
    async with transaction(clean) as tx:
        sent = [(refund.id, "SR", NOON + MINUTE) for refund in refunds]
        await storage.save_sent(tx, sent, now=NOON)
        await storage.save_pauses(tx, [(refund.id, "why", NOON) for refund in refunds])
        states = [(await storage.find_refund(tx, refund.id)) for refund in refunds]
    assert [one.state for one in states if one] == [
        RefundState.SENT,
        RefundState.SENT,
        RefundState.CONFIRMED,
        RefundState.FAILED,
    ]
    assert [one.last_error for one in states if one] == ["why", "why", None, None]


async def test_refunds_are_claimed_by_state_and_counted(clean: Pool) -> None:
    asked, sent = a_refund(), a_refund(state=RefundState.SENT)
    await insert_refund(clean, asked)
    await insert_refund(clean, sent)
    await insert_refund(clean, a_refund(), retry_at=NOON + MINUTE)
    async with transaction(clean) as tx:
        taken = await storage.claim_refunds(
            tx, RefundState.ASKED, now=NOON, until=NOON + MINUTE, limit=9
        )
        again = await storage.claim_refunds(
            tx, RefundState.ASKED, now=NOON, until=NOON + MINUTE, limit=9
        )
    assert [(refund.id, refund.attempts) for refund in taken] == [(asked.id, 1)]
    assert again == []


async def test_noted_news_is_kept_once_with_its_verdict(clean: Pool) -> None:
    closed = some_news(kind=NewsKind.CLOSED)
    unknown = some_news(kind=NewsKind.REFUNDED)
    noted = [(closed, service.NOTED), (closed, "other"), (unknown, "unknown")]
    for _ in range(2):
        async with transaction(clean) as tx:
            await service.note_news(tx, noted, now=NOON)
            await service.note_news(tx, [], now=NOON)
    rows = await clean.fetch("SELECT cell, event_id, verdict FROM payment_callback ORDER BY cell")
    assert [tuple(row) for row in rows] == [
        (0, unknown.event_id, "unknown"),
        (7, closed.event_id, "noted"),
    ]


async def test_the_claims_walk_their_indexes(clean: Pool) -> None:
    await clean.execute(
        "INSERT INTO payment (cell, id, checkout_id, buyer_id, provider, amount_minor, currency,"
        " state, order_ids, order_amounts, created_at, expires_at, asked_at, check_at)"
        " SELECT 7, (n::bigint << 22) | (7 << 14), 1, 1, 'sandbox', 1, 'CNY', 'open', '{1}', '{1}',"
        " $1::timestamptz, $1, $1, CASE WHEN n % 10 = 0 THEN $1 END FROM generate_series(1, 20000) n",
        NOON,
    )
    await clean.execute(
        "INSERT INTO refund (cell, id, order_id, payment_id, provider, amount_minor, state, why,"
        " asked_at, retry_at) SELECT 7, (n::bigint << 22) | (7 << 14), 1, 1, 'sandbox', 1,"
        " CASE WHEN n % 50 = 0 THEN 'asked' ELSE 'confirmed' END, 'x', $1, $1"
        " FROM generate_series(1, 20000) n",
        NOON,
    )
    await clean.execute("ANALYZE payment, refund")
    payments = await _plan(clean, storage._CLAIM, NOON, NOON, 50)
    refunds = await _plan(clean, storage._CLAIM_REFUNDS, "asked", NOON, NOON, 50)
    assert "payment_checking" in payments
    assert "refund_open" in refunds
    assert "Seq Scan" not in payments + refunds


async def _plan(pool: Pool, statement: str, *arguments: object) -> str:
    async with pool.acquire() as link, link.transaction():
        return "\n".join(row[0] for row in await link.fetch(f"EXPLAIN {statement}", *arguments))
