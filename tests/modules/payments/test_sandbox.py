"""The client against the real sandbox process, over real HTTP."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from jishi.modules.payments import BillKind, read_bill, signing
from jishi.modules.payments.provider import ProviderRefused, ProviderUnreachable
from jishi.modules.payments.sandbox import SandboxProvider, open_sandbox
from jishi.modules.payments.types import (
    BadSignature,
    CallbackNews,
    NewsKind,
    NewsUnreadable,
    Payment,
    Standing,
    Visit,
)
from tests.modules.payments.makers import a_payment, a_refund, paid_of
from tests.sandbox.harness import KEY, Api, Merchant, SandboxProcess
from tests.support.running import free_port


def now() -> datetime:
    return datetime.now(UTC)


def fresh(**changes: Any) -> Payment:
    return a_payment(**{"expires_at": now() + timedelta(minutes=30), **changes})


async def open_page(provider: SandboxProvider, merchant: Merchant, **changes: Any) -> Payment:
    payment = fresh(**changes)
    page = await provider.create_payment(
        payment, subject="山" * 200, return_url=merchant.return_url, visit=Visit()
    )
    assert page.pay_url.endswith(page.provider_ref)
    return payment


async def heard(provider: SandboxProvider, merchant: Merchant, payment: Payment) -> CallbackNews:
    await merchant.hears(lambda: bool(merchant.events(str(payment.id))))
    _, headers, body = merchant.raw[-1]
    news = await provider.verify_callback(headers, body, now=now())
    assert news
    return news


async def test_a_payment_from_page_to_news(
    provider: SandboxProvider, merchant: Merchant, api: Api
) -> None:
    payment = await open_page(provider, merchant)
    assert (await provider.query_payment(payment)).standing is Standing.OPEN
    await api.pay(str(payment.id))
    news = await heard(provider, merchant, payment)
    assert (news.kind, news.payment_id, news.refund_id) == (NewsKind.PAID, payment.id, None)
    assert (news.amount_minor, news.currency) == (payment.amount_minor, "CNY")
    said = await provider.query_payment(payment)
    assert (said.standing, said.since) == (Standing.DONE, news.occurred_at)
    assert (await provider.close_payment(payment)).standing is Standing.DONE


async def test_asking_twice_gives_the_same_page_and_other_money_is_refused(
    provider: SandboxProvider, merchant: Merchant
) -> None:
    payment = await open_page(provider, merchant)
    asked = {"subject": "x", "return_url": merchant.return_url, "visit": Visit()}
    first = await provider.create_payment(payment, **asked)
    assert await provider.create_payment(payment, **asked) == first
    with pytest.raises(ProviderRefused, match="number_taken"):
        await provider.create_payment(fresh(id=payment.id, amount_minor=1), **asked)


async def test_closing_and_what_is_not_there(provider: SandboxProvider, merchant: Merchant) -> None:
    payment = await open_page(provider, merchant)
    assert (await provider.close_payment(payment)).standing is Standing.CLOSED
    nothing = fresh()
    assert (await provider.query_payment(nothing)).standing is Standing.UNKNOWN
    assert (await provider.close_payment(nothing)).standing is Standing.UNKNOWN
    assert (await provider.query_refund(a_refund(), paid_of(nothing))).standing is Standing.UNKNOWN


async def test_a_refund_from_asking_to_news(
    provider: SandboxProvider, merchant: Merchant, api: Api
) -> None:
    payment = await open_page(provider, merchant)
    refund = a_refund(payment_id=payment.id, amount_minor=100)
    with pytest.raises(ProviderRefused, match="not_paid"):
        await provider.refund(refund, paid_of(payment))
    await api.pay(str(payment.id), behaviour="silent")
    assert (await provider.refund(refund, paid_of(payment))).standing is Standing.OPEN
    assert (await provider.refund(refund, paid_of(payment))).standing is Standing.OPEN
    news = await heard(provider, merchant, payment)
    assert (news.kind, news.payment_id) == (NewsKind.REFUNDED, payment.id)
    assert (news.refund_id, news.amount_minor) == (refund.id, 100)
    assert (await provider.query_refund(refund, paid_of(payment))).standing is Standing.DONE


async def test_a_callback_that_is_not_the_providers_is_refused(
    provider: SandboxProvider, merchant: Merchant, api: Api
) -> None:
    payment = await open_page(provider, merchant)
    await api.pay(str(payment.id))
    await heard(provider, merchant, payment)
    _, headers, body = merchant.raw[-1]
    cheaper = body.replace(b"25000", b"1")
    for wrong_headers, wrong_body in [
        (headers, cheaper),
        ({}, body),
        ({**headers, signing.SIGNATURE: "0" * 64}, body),
        ({**headers, signing.TIMESTAMP: str(int(headers[signing.TIMESTAMP]) + 1)}, body),
    ]:
        with pytest.raises(BadSignature):
            await provider.verify_callback(wrong_headers, wrong_body, now=now())
    with pytest.raises(BadSignature):
        await provider.verify_callback(headers, body, now=now() + timedelta(minutes=6))


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"[]",
        b'{"id":"1"}',
        {"out_trade_no": "abc"},
        {"out_trade_no": "-5"},
        {"out_trade_no": "99999999999999999999"},
        {"event": "payment.eaten"},
        {"event": "refund.succeeded"},
        {"out_refund_no": "5"},
        {"amount_minor": "1"},
    ],
)
async def test_a_signed_callback_that_makes_no_sense_is_refused(
    provider: SandboxProvider, said: Any
) -> None:
    news = {
        "id": "e",
        "event": "payment.paid",
        "out_trade_no": "5",
        "trade_no": "SB",
        "amount_minor": 1,
        "currency": "CNY",
        "occurred_at": now(),
    }
    body = said if isinstance(said, bytes) else msgspec.json.encode({**news, **said})
    path = provider.notify_url.removeprefix("http://").partition("/")[2]
    headers = signing.signed_headers(KEY, "POST", f"/{path}", body, nonce="n" * 16, now=now())
    with pytest.raises(NewsUnreadable):
        await provider.verify_callback(headers, body, now=now())


async def test_no_answer_and_a_wrong_key_say_nothing(sandbox: SandboxProcess) -> None:
    for url, key in [(f"http://127.0.0.1:{free_port()}", KEY), (sandbox.url, b"x" * 32)]:
        stranger = open_sandbox(base_url=url, key=key, notify_url="http://127.0.0.1:1/n", clock=now)
        with pytest.raises(ProviderUnreachable):
            await stranger.query_payment(fresh())
        await stranger.close()


async def test_a_fault_on_the_way_is_tried_again_but_not_for_ever(merchant: Merchant) -> None:
    client = open_sandbox(
        base_url=f"http://127.0.0.1:{merchant.port}",
        key=KEY,
        notify_url=merchant.notify_url,
        clock=now,
    )
    merchant.otherwise = 503
    with pytest.raises(ProviderUnreachable):
        await client.query_payment(fresh())
    assert len(merchant.raw) == 3
    assert len({headers[signing.NONCE] for _, headers, _ in merchant.raw}) == 3
    await client.close()


async def test_its_own_bill_is_read(
    provider: SandboxProvider, merchant: Merchant, api: Api
) -> None:
    payment = await open_page(provider, merchant)
    await api.pay(str(payment.id))
    zone = "Asia/Shanghai"  # the sandbox's own
    day = datetime.now(ZoneInfo(zone)).date()
    raw = await provider.download_bill(day)
    bill = read_bill(raw, provider="sandbox", day=None, currency="CNY", zone=zone)
    (row,) = [it for it in bill.rows if it.payment_id == payment.id]
    assert (row.kind, row.amount_minor, row.is_done) == (
        BillKind.PAYMENT,
        payment.amount_minor,
        True,
    )
    paid = sum(it.amount_minor for it in bill.rows if it.kind is BillKind.PAYMENT)
    assert (bill.day, bill.totals.paid_minor) == (day, paid)
