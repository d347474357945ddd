"""Stripe against a local server that checks keys and signs events as the real one does."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jishi.modules.payments.provider import ProviderRefused
from jishi.modules.payments.stripe_pay import from_stripe, to_stripe
from jishi.modules.payments.types import (
    BadSignature,
    NewsKind,
    NewsUnreadable,
    OtherMerchant,
    Standing,
    Visit,
)
from tests.modules.payments.desks import RETURN_URL, StripeDesk, card, now
from tests.modules.payments.makers import a_refund, paid_of

__all__ = ["card"]
COMPLETED = "checkout.session.completed"


async def test_a_payment_from_page_to_news(card: StripeDesk) -> None:
    payment = await card.open()
    assert (await card.provider.query_payment(payment)).standing is Standing.OPEN
    assert payment.provider_ref
    card.server.pay(payment.provider_ref)
    headers, body = card.server.event(COMPLETED, card.server.session_of(payment.id))
    news = await card.provider.verify_callback(headers, body, now=now())
    assert news
    assert (news.kind, news.payment_id) == (NewsKind.PAID, payment.id)
    assert (news.amount_minor, news.currency) == (payment.amount_minor, "EUR")
    assert (news.provider_ref or "").startswith("pi_")
    assert await card.provider.verify_callback(headers, body, now=now()) == news
    said = await card.provider.query_payment(payment)
    assert (said.standing, said.provider_ref) == (Standing.DONE, news.provider_ref)
    assert (await card.provider.close_payment(payment)).standing is Standing.DONE


async def test_asking_twice_makes_one_session(card: StripeDesk) -> None:
    payment = await card.open()
    again = await card.provider.create_payment(
        payment, subject="Cup", return_url=RETURN_URL, visit=Visit()
    )
    assert again.provider_ref == payment.provider_ref
    assert len(card.server.sessions) == 1


async def test_a_refund_from_asking_to_news(card: StripeDesk) -> None:
    payment = await card.open()
    refund = a_refund(payment_id=payment.id, amount_minor=100)
    with pytest.raises(ProviderRefused, match="not_paid"):
        await card.provider.refund(refund, paid_of(payment))
    assert payment.provider_ref
    card.server.pay(payment.provider_ref)
    for _ in range(2):
        said = await card.provider.refund(refund, paid_of(payment))
        assert (said.standing, said.amount_minor) == (Standing.OPEN, 100)
    assert len(card.server.refunds) == 1
    card.server.end_refund(str(refund.id))
    headers, body = card.server.event("refund.updated", card.server.find_refund(str(refund.id)))
    news = await card.provider.verify_callback(headers, body, now=now())
    assert news
    assert (news.kind, news.payment_id) == (NewsKind.REFUNDED, payment.id)
    assert (news.refund_id, news.amount_minor) == (refund.id, 100)
    assert (await card.provider.query_refund(refund, paid_of(payment))).standing is Standing.DONE
    too_much = a_refund(payment_id=payment.id, amount_minor=payment.amount_minor)
    with pytest.raises(ProviderRefused, match="charge_already_refunded"):
        await card.provider.refund(too_much, paid_of(payment))


async def test_a_failed_refund_is_asked_for_anew(card: StripeDesk) -> None:
    payment = await card.paid()
    refund = a_refund(payment_id=payment.id, amount_minor=100)
    await card.provider.refund(refund, paid_of(payment))
    card.server.end_refund(str(refund.id), "failed")
    assert (await card.provider.query_refund(refund, paid_of(payment))).standing is Standing.CLOSED
    card.server.refund_status = "succeeded"
    assert (await card.provider.refund(refund, paid_of(payment))).standing is Standing.DONE
    assert len(card.server.refunds) == 2
    assert (await card.provider.query_refund(refund, paid_of(payment))).standing is Standing.DONE


async def test_a_refund_finds_its_intent_from_either_reference(card: StripeDesk) -> None:
    payment = await card.paid()
    intent = card.server.session_of(payment.id)["payment_intent"]
    refund = a_refund(payment_id=payment.id, amount_minor=100)
    first = await card.provider.refund(refund, paid_of(payment))
    assert await card.provider.refund(refund, paid_of(payment, intent)) == first


async def test_an_event_that_is_not_stripes_is_refused(card: StripeDesk) -> None:
    payment = await card.paid()
    session = card.server.session_of(payment.id)
    headers, body = card.server.event(COMPLETED, session)
    cheaper = body.replace(b"25000", b"1")
    assert cheaper != body
    stamp = int(time.time())
    for wrong_headers, wrong_body in [
        ({}, body),
        (headers, cheaper),
        ({"stripe-signature": ""}, body),
        ({"stripe-signature": "t=x,v1=y"}, body),
        ({"stripe-signature": f"t={stamp},v0={'0' * 64}"}, body),
        (headers, b"\xff"),
        card.server.event(COMPLETED, session, secret="whsec_other"),
        card.server.event(COMPLETED, session, at=stamp - 360),
        card.server.event(COMPLETED, session, at=stamp + 360),
    ]:
        with pytest.raises(BadSignature):
            await card.provider.verify_callback(wrong_headers, wrong_body, now=now())
    with pytest.raises(BadSignature):
        await card.provider.verify_callback(headers, body, now=now() + timedelta(minutes=6))


@pytest.mark.parametrize("changes", [{"livemode": True}, {"account": "acct_other"}])
async def test_news_for_another_account_is_refused(
    card: StripeDesk, changes: dict[str, Any]
) -> None:
    payment = await card.paid()
    headers, body = card.server.event(COMPLETED, card.server.session_of(payment.id), **changes)
    with pytest.raises(OtherMerchant):
        await card.provider.verify_callback(headers, body, now=now())


@pytest.mark.parametrize(
    ("event", "changes", "news"),
    [
        (COMPLETED, {"payment_status": "unpaid"}, None),
        ("checkout.session.async_payment_succeeded", {}, NewsKind.PAID),
        ("checkout.session.async_payment_failed", {}, NewsKind.CLOSED),
        ("checkout.session.expired", {}, NewsKind.CLOSED),
        ("invoice.paid", {}, None),
        (COMPLETED, {"client_reference_id": "abc"}, NewsUnreadable),
        (COMPLETED, {"client_reference_id": None}, NewsUnreadable),
        (COMPLETED, {"amount_total": "25000"}, NewsUnreadable),
        (COMPLETED, {"amount_total": 1.5}, NewsUnreadable),
        ("refund.updated", {"status": "succeeded", "metadata": {}}, None),
        ("refund.updated", {"status": "succeeded", "metadata": {"refund_id": "x"}}, NewsUnreadable),
    ],
)
async def test_what_a_signed_event_means(
    card: StripeDesk, event: str, changes: dict[str, Any], news: Any
) -> None:
    payment = await card.paid()
    thing = {**card.server.session_of(payment.id), **changes}
    headers, body = card.server.event(event, thing)
    if news is NewsUnreadable:
        with pytest.raises(NewsUnreadable):
            await card.provider.verify_callback(headers, body, now=now())
        return
    heard = await card.provider.verify_callback(headers, body, now=now())
    assert (heard.kind if heard else None) == news


@pytest.mark.parametrize(
    ("currency", "ours", "theirs"),
    [
        ("EUR", 12_50, 1250),
        ("JPY", 500, 500),
        ("XAF", 12_00, 12),
        ("XAF", 12_50, None),
        ("KWD", 1_230, 1230),
        ("KWD", 1_234, None),
        ("JOD", 12_34, 12_340),
        ("ISK", 12_00, 1200),
        ("ISK", 12_50, None),
    ],
)
def test_amounts_in_stripes_scale(currency: str, ours: int, theirs: int | None) -> None:
    if theirs is None:
        with pytest.raises(ProviderRefused, match="amount"):
            to_stripe(ours, currency)
        return
    assert to_stripe(ours, currency) == theirs
    assert from_stripe(theirs, currency) == ours


@given(st.integers(0, 10**12), st.sampled_from(["CNY", "EUR", "JPY", "KRW", "CLP", "VND"]))
def test_an_amount_comes_back_as_it_went(amount: int, currency: str) -> None:
    assert from_stripe(to_stripe(amount, currency), currency) == amount


async def test_a_bill_of_many_pages_is_written(card: StripeDesk) -> None:
    day = datetime(2026, 11, 21, 12, tzinfo=UTC)
    stamp = int(day.timestamp())
    for n in range(250):
        card.server.move("charge", 100 + n, {"id": f"ch_{n}", "metadata": {}}, "eur", stamp, fee=3)
    card.server.move("payout", -500, None, "eur", stamp)
    card.server.move("charge", 1, None, "eur", stamp + 24 * 3600)
    raw = (await card.provider.download_bill(day.date())).decode()
    lines = raw.splitlines()
    assert len(lines) == 1 + 251
    assert lines[0].startswith("balance_transaction_id,created_utc,reporting_category")
    assert ",eur,1.00,0.03,0.97," in lines[1]
