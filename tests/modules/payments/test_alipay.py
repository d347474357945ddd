"""Alipay against a local gateway that checks signatures as the real one does."""

from typing import Any
from urllib.parse import urlencode

import pytest

from jishi.modules.payments.alipay import _may_fetch
from jishi.modules.payments.provider import ProviderRefused, ProviderUnreachable
from jishi.modules.payments.types import (
    BadSignature,
    NewsKind,
    NewsUnreadable,
    OtherMerchant,
    Standing,
)
from tests.modules.payments.desks import RETURN_URL, AlipayDesk, ali, now
from tests.modules.payments.makers import a_refund, paid_of

__all__ = ["ali"]


async def test_a_payment_from_page_to_news(ali: AlipayDesk) -> None:
    payment = await ali.open(amount_minor=1_234_567_01)
    assert ali.server.pages[str(payment.id)]["total_amount"] == "1234567.01"
    assert (await ali.provider.query_payment(payment)).standing is Standing.OPEN
    ali.server.pay(str(payment.id))
    headers, body = ali.server.callback(str(payment.id))
    news = await ali.provider.verify_callback(headers, body, now=now())
    assert news
    assert (news.kind, news.payment_id) == (NewsKind.PAID, payment.id)
    assert (news.amount_minor, news.currency) == (1_234_567_01, "CNY")
    assert await ali.provider.verify_callback(headers, body, now=now()) == news
    said = await ali.provider.query_payment(payment)
    assert (said.standing, said.amount_minor) == (Standing.DONE, payment.amount_minor)
    assert (said.provider_ref, said.since) == (news.provider_ref, news.occurred_at)
    assert (await ali.provider.close_payment(payment)).standing is Standing.DONE
    assert ali.provider.answer.body == b"success"


async def test_a_phone_gets_the_page_for_phones(ali: AlipayDesk) -> None:
    payment = await ali.open(is_phone=True)
    page = ali.server.pages[str(payment.id)]
    assert (page["method"], page["product_code"]) == ("alipay.trade.wap.pay", "QUICK_WAP_WAY")
    assert page["return_url"] == RETURN_URL
    assert not ali.provider.keeps_page("any"), "its address carries a timestamp"


async def test_refunds_end_at_once_and_in_parts(ali: AlipayDesk) -> None:
    payment = await ali.open()
    first = a_refund(payment_id=payment.id, amount_minor=101)
    with pytest.raises(ProviderRefused, match="TRADE_STATUS_ERROR"):
        await ali.provider.refund(first, paid_of(payment))
    ali.server.pay(str(payment.id))
    assert (await ali.provider.query_refund(first, paid_of(payment))).standing is Standing.UNKNOWN
    for _ in range(2):  # the repeat says that no money moved, and is asked after
        said = await ali.provider.refund(first, paid_of(payment))
        assert (said.standing, said.amount_minor) == (Standing.DONE, 101)
    second = a_refund(payment_id=payment.id, amount_minor=payment.amount_minor - 101)
    said = await ali.provider.refund(second, paid_of(payment))
    assert (said.standing, said.amount_minor) == (Standing.DONE, second.amount_minor)
    for refund in (first, second):
        said = await ali.provider.query_refund(refund, paid_of(payment))
        assert (said.standing, said.amount_minor) == (Standing.DONE, refund.amount_minor)
    third = a_refund(payment_id=payment.id, amount_minor=1)
    with pytest.raises(ProviderRefused, match="TRADE_HAS_FINISHED"):
        await ali.provider.refund(third, paid_of(payment))


async def test_a_notice_of_a_refund_pays_nothing(ali: AlipayDesk) -> None:
    payment = await ali.paid()
    refund = a_refund(payment_id=payment.id, amount_minor=100)
    await ali.provider.refund(refund, paid_of(payment))
    headers, body = ali.server.callback(str(payment.id))
    assert await ali.provider.verify_callback(headers, body, now=now()) is None


async def test_a_no_without_signature_says_nothing_of_the_money(ali: AlipayDesk) -> None:
    payment = await ali.open()
    ali.server.app = ali.server.own.public_key()  # our key is not the one Alipay knows
    refund = a_refund(payment_id=payment.id)
    with pytest.raises(ProviderUnreachable, match=r"isv\.invalid-signature"):
        await ali.provider.refund(refund, paid_of(payment))


@pytest.mark.parametrize(
    "changes",
    [{"sign": "AAAA"}, {"sign": "not base64!"}, {"sign": "山"}, {"signer": "other"}],
)
async def test_a_notice_that_is_not_alipays_is_refused(
    ali: AlipayDesk, changes: dict[str, str]
) -> None:
    payment = await ali.paid()
    headers, body = ali.server.callback(str(payment.id), **changes)
    with pytest.raises(BadSignature):
        await ali.provider.verify_callback(headers, body, now=now())


async def test_a_notice_that_was_changed_is_refused(ali: AlipayDesk) -> None:
    payment = await ali.paid()
    headers, body = ali.server.callback(str(payment.id))
    for wrong in (
        body.replace(b"total_amount=250.00", b"total_amount=0.01"),
        body + b"&more=1",
        body.replace(b"sign_type=RSA2", b"sign_type=RSA"),
        body.replace(b"&sign_type=RSA2", b""),
    ):
        assert wrong != body
        with pytest.raises(BadSignature):
            await ali.provider.verify_callback(headers, wrong, now=now())
    twice = body + b"&total_amount=0.01"
    many = urlencode({f"f{n}": n for n in range(999)}).encode()
    for raw in (b"\xff", b"a", twice, many):
        with pytest.raises(NewsUnreadable):
            await ali.provider.verify_callback(headers, raw, now=now())


@pytest.mark.parametrize("changes", [{"app_id": "2021"}, {"seller_id": "2088"}])
async def test_news_for_another_app_or_seller_is_refused(
    ali: AlipayDesk, changes: dict[str, str]
) -> None:
    payment = await ali.paid()
    headers, body = ali.server.callback(str(payment.id), **changes)
    with pytest.raises(OtherMerchant):
        await ali.provider.verify_callback(headers, body, now=now())


@pytest.mark.parametrize(
    ("changes", "news"),
    [
        ({"trade_status": "WAIT_BUYER_PAY"}, None),
        ({"trade_status": "TRADE_FINISHED"}, NewsKind.PAID),
        ({"trade_status": "TRADE_CLOSED"}, NewsKind.CLOSED),
        ({"out_trade_no": "abc"}, NewsUnreadable),
        ({"total_amount": "1e3"}, NewsUnreadable),
        ({"total_amount": "1.005"}, NewsUnreadable),
        ({"total_amount": "-1.00"}, NewsUnreadable),
        ({"gmt_payment": "yesterday"}, NewsUnreadable),
    ],
)
async def test_what_a_signed_notice_means(
    ali: AlipayDesk, changes: dict[str, str], news: Any
) -> None:
    payment = await ali.paid()
    headers, body = ali.server.callback(str(payment.id), **changes)
    if news is NewsUnreadable:
        with pytest.raises(NewsUnreadable):
            await ali.provider.verify_callback(headers, body, now=now())
        return
    heard = await ali.provider.verify_callback(headers, body, now=now())
    assert (heard.kind if heard else None) == news


async def test_a_bill_is_fetched(ali: AlipayDesk) -> None:
    ali.server.bills["2026-11-21"] = b"PK..."
    day = now().date().replace(2026, 11, 21)
    assert await ali.provider.download_bill(day) == b"PK..."
    with pytest.raises(ProviderRefused, match="bill_not_exist"):
        await ali.provider.download_bill(day.replace(day=20))


@pytest.mark.parametrize(
    ("url", "may"),
    [
        ("https://dwbillcenter.alipay.com/downloadBillFile.resource?t=1", True),
        ("http://dwbillcenter.alipay.com/x", False),
        ("https://alipay.com.evil.test/x", False),
        ("https://notalipay.com/x", False),
        ("https://openapi.alipay.com@evil.test/x", False),
        ("http://gate.test:1/x", True),
        ("file:///etc/passwd", False),
        ("", False),
    ],
)
def test_bills_are_fetched_from_alipay_only(url: str, *, may: bool) -> None:
    assert _may_fetch(url, "http://gate.test:1/gateway.do") is may
