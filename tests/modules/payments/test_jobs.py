"""Jobs and asking, against the real sandbox and a real database."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from jishi.db import Pool, transaction
from jishi.kit.ids import PaymentId, RefundId
from jishi.modules.payments import (
    NewsKind,
    Payment,
    PaymentState,
    Providers,
    Refund,
    RefundState,
    check_payment_now,
    check_payments,
    check_refunds,
    open_at_provider,
    rules,
    send_refund_again,
    send_refunds,
    storage,
)
from jishi.modules.payments.sandbox import SandboxProvider, open_sandbox
from jishi.modules.payments.types import (
    NewsVerdict,
    PaymentNotFound,
    PaymentNotOpen,
    ProviderAway,
    RefundNotFailed,
    RefundNotFound,
)
from tests.modules.payments.makers import (
    a_payment,
    a_refund,
    insert_payment,
    insert_refund,
)
from tests.sandbox.harness import Api, Merchant, SandboxProcess
from tests.support.running import free_port

MINUTE = timedelta(minutes=1)


@pytest.fixture
def providers(provider: SandboxProvider) -> Providers:
    return {"sandbox": provider}


def away() -> Providers:
    """Nobody is there: whoever asks, fails."""
    url = f"http://127.0.0.1:{free_port()}"
    return {"sandbox": open_sandbox(base_url=url, key=b"k" * 32, notify_url=url, clock=now)}


def now() -> datetime:
    return datetime.now(UTC)


async def an_open(pool: Pool, providers: Providers, merchant: Merchant, **changes: Any) -> Payment:
    payment = a_payment(**{"created_at": now(), "expires_at": now() + 30 * MINUTE, **changes})
    await insert_payment(pool, payment)
    return await open_at_provider(
        pool, providers, payment.id, subject="s", return_url=merchant.return_url, now=now()
    )


async def the_payment(pool: Pool, payment_id: PaymentId) -> Payment:
    async with transaction(pool) as tx:
        found = await storage.find_payment(tx, payment_id)
    assert found
    return found


async def the_refund(pool: Pool, refund_id: RefundId) -> Refund:
    async with transaction(pool) as tx:
        found = await storage.find_refund(tx, refund_id)
    assert found
    return found


async def test_a_page_is_asked_for_once_and_kept(
    clean: Pool, providers: Providers, merchant: Merchant, api: Api
) -> None:
    opened = await an_open(clean, providers, merchant)
    assert opened.pay_url
    assert opened.asked_at
    again = await open_at_provider(
        clean, away(), opened.id, subject="s", return_url="http://127.0.0.1/", now=now()
    )
    assert again == opened
    asked = (await api.call("GET", f"/v1/payments/{opened.id}")).json()
    assert (asked["trade_no"], asked["state"]) == (opened.provider_ref, "open")


@pytest.mark.parametrize(
    ("_case", "changes"),
    [
        ("paid", {"state": PaymentState.PAID, "paid_at": now()}),
        ("closed", {"state": PaymentState.CLOSED}),
        ("past its window", {"expires_at": now() - MINUTE}),
    ],
)
async def test_what_is_over_gets_no_page(
    clean: Pool, providers: Providers, merchant: Merchant, _case: str, changes: dict[str, Any]
) -> None:
    with pytest.raises(PaymentNotOpen):
        await an_open(clean, providers, merchant, **changes)


async def test_a_page_nobody_makes_is_refused_and_asked_after(
    clean: Pool, merchant: Merchant
) -> None:
    with pytest.raises(PaymentNotFound):
        await open_at_provider(
            clean, {}, a_payment().id, subject="s", return_url="http://x/", now=now()
        )
    away = open_sandbox(
        base_url=f"http://127.0.0.1:{free_port()}",
        key=b"k" * 32,
        notify_url=merchant.notify_url,
        clock=now,
    )
    with pytest.raises(ProviderAway):
        await an_open(clean, {"sandbox": away}, merchant)
    check_at = await clean.fetchval("SELECT check_at FROM payment")
    assert check_at > now()  # it may have arrived all the same
    await away.close()


async def test_money_nobody_told_us_of_is_found_by_asking(
    clean: Pool, providers: Providers, merchant: Merchant, api: Api
) -> None:
    payment = await an_open(clean, providers, merchant)
    await api.pay(str(payment.id), behaviour="silent")
    assert await check_payments(clean, providers, now(), 100) == []  # not due yet
    later = now() + 2 * MINUTE
    news = await check_payments(clean, providers, later, 100)
    assert [(one.kind, one.payment_id) for one in news] == [(NewsKind.PAID, payment.id)]
    assert rules.judge_news(news[0], payment) is NewsVerdict.RECORDED
    # Until the market has recorded it, it is told again under the same number.
    again = await check_payments(clean, providers, later + 10 * MINUTE, 100)
    assert [one.event_id for one in again] == [news[0].event_id]


async def test_money_that_came_after_the_lapse_is_found_too(
    clean: Pool, providers: Providers, merchant: Merchant, api: Api
) -> None:
    payment = await an_open(clean, providers, merchant)
    await api.pay(str(payment.id), behaviour="silent")
    await clean.execute("UPDATE payment SET state = 'closed' WHERE id = $1", payment.id)
    news = await check_payments(clean, providers, now() + 2 * MINUTE, 100)
    assert [one.kind for one in news] == [NewsKind.PAID]


async def test_a_payment_past_its_window_is_closed_there_and_let_go(
    clean: Pool, providers: Providers, merchant: Merchant, api: Api
) -> None:
    payment = await an_open(clean, providers, merchant)
    await clean.execute(
        "UPDATE payment SET expires_at = $2 WHERE id = $1", payment.id, now() - MINUTE
    )
    news = await check_payments(clean, providers, now() + 2 * MINUTE, 100)
    assert [one.kind for one in news] == [NewsKind.CLOSED]
    assert (await api.pay(str(payment.id))).json()["code"] == "sandbox.payment_closed"
    assert await clean.fetchval("SELECT check_at FROM payment") is None


async def test_a_waiting_buyer_asks_now_and_then(
    clean: Pool, providers: Providers, merchant: Merchant, api: Api
) -> None:
    payment = await an_open(clean, providers, merchant)
    await api.pay(str(payment.id), behaviour="silent")
    news = await check_payment_now(clean, providers, payment.id, now=now())
    assert news
    assert news.kind is NewsKind.PAID
    assert await check_payment_now(clean, providers, payment.id, now=now()) is None


async def test_a_silent_provider_stops_nobody(clean: Pool, merchant: Merchant) -> None:
    away = open_sandbox(
        base_url=f"http://127.0.0.1:{free_port()}",
        key=b"k" * 32,
        notify_url=merchant.notify_url,
        clock=now,
    )
    providers = {"sandbox": away}
    payment = a_payment(asked_at=now(), created_at=now(), expires_at=now() + 30 * MINUTE)
    gone = a_payment(provider="gone", asked_at=now(), expires_at=now() + 30 * MINUTE)
    refund = a_refund(payment_id=payment.id)
    for one in (payment, gone):
        await insert_payment(clean, one, check_at=now())
    await insert_refund(clean, refund)
    await insert_refund(clean, a_refund(provider="gone"))
    at = now() + MINUTE
    assert await check_payments(clean, providers, at, 100) == []
    assert await send_refunds(clean, providers, at, 100) == []
    assert await clean.fetchval("SELECT min(check_at) FROM payment") > at
    kept = await the_refund(clean, refund.id)
    assert (kept.state, kept.attempts) == (RefundState.ASKED, 1)
    assert kept.last_error
    await away.close()


async def test_a_refund_is_sent_then_confirmed_by_asking(
    clean: Pool, providers: Providers, merchant: Merchant, api: Api
) -> None:
    payment = await an_open(clean, providers, merchant)
    await api.pay(str(payment.id), refunds="silent")
    refund = a_refund(payment_id=payment.id, asked_at=now())
    await insert_refund(clean, refund)
    assert await send_refunds(clean, providers, now(), 100) == []
    sent = await the_refund(clean, refund.id)
    assert (sent.state, sent.attempts) == (RefundState.SENT, 1)
    assert sent.provider_ref
    assert await check_refunds(clean, providers, now(), 100) == []
    await merchant.hears(lambda: True)
    news = await _until_told(clean, providers)
    assert (news.kind, news.refund_id) == (NewsKind.REFUNDED, refund.id)
    assert rules.judge_refund_news(news, sent).value == "confirmed"


async def _until_told(pool: Pool, providers: Providers) -> Any:
    import asyncio

    await asyncio.sleep(1.2)  # the sandbox takes a second over a refund
    news = await check_refunds(pool, providers, now() + MINUTE, 100)
    assert len(news) == 1
    return news[0]


async def test_a_refund_the_provider_lost_is_sent_again(
    clean: Pool, providers: Providers, merchant: Merchant, api: Api
) -> None:
    payment = await an_open(clean, providers, merchant)
    await api.pay(str(payment.id))
    refund = a_refund(payment_id=payment.id, state=RefundState.SENT, asked_at=now())
    await insert_refund(clean, refund)
    assert await check_refunds(clean, providers, now(), 100) == []
    assert (await api.call("GET", f"/v1/refunds/{refund.id}")).json()["state"] == "pending"


async def test_a_refused_refund_is_news_of_a_failure(
    clean: Pool, providers: Providers, merchant: Merchant
) -> None:
    payment = await an_open(clean, providers, merchant)  # never paid
    refund = a_refund(payment_id=payment.id, asked_at=now())
    await insert_refund(clean, refund)
    news = await send_refunds(clean, providers, now(), 100)
    assert [(one.kind, one.refund_id) for one in news] == [(NewsKind.REFUND_FAILED, refund.id)]
    kept = await the_refund(clean, refund.id)
    assert "not_paid" in (kept.last_error or "")


async def test_only_a_failed_refund_is_sent_again(clean: Pool) -> None:
    failed, asked = a_refund(state=RefundState.FAILED, attempts=4), a_refund()
    await insert_refund(clean, failed)
    await insert_refund(clean, asked)
    async with transaction(clean) as tx:
        again = await send_refund_again(tx, failed.id, now=now())
        assert again.state is RefundState.ASKED
        with pytest.raises(RefundNotFailed):
            await send_refund_again(tx, asked.id, now=now())
        with pytest.raises(RefundNotFound):
            await send_refund_again(tx, a_refund().id, now=now())


async def test_a_batch_takes_no_more_than_it_may(
    clean: Pool, providers: Providers, sandbox: SandboxProcess
) -> None:
    for _ in range(5):
        await insert_payment(clean, a_payment(asked_at=now()), check_at=now())
    await check_payments(clean, providers, now() + 60 * MINUTE, 3)
    left = "SELECT count(*) FROM payment WHERE check_at <= $1"
    assert await clean.fetchval(left, now()) == 2
