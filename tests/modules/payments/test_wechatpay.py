"""WeChat Pay against a local server that checks signatures as the real one does."""

from datetime import timedelta
from typing import Any

import pytest

from jishi.modules.payments.provider import ProviderRefused
from jishi.modules.payments.types import (
    BadSignature,
    NewsKind,
    NewsUnreadable,
    OtherMerchant,
    Standing,
    Visit,
)
from jishi.modules.payments.wechatpay import cut_bytes
from tests.modules.payments.desks import (
    RETURN_URL,
    WechatDesk,
    now,
    wechat,
    wechat_desk,
)
from tests.modules.payments.makers import a_refund, paid_of
from tests.support.providers.http import a_key

__all__ = ["wechat"]
PHONE = Visit(ip="203.0.113.7", is_phone=True)


async def test_a_payment_from_code_to_news(wechat: WechatDesk) -> None:
    payment = await wechat.open()
    assert (await wechat.provider.query_payment(payment)).standing is Standing.OPEN
    wechat.server.pay(str(payment.id))
    headers, body = wechat.server.callback(str(payment.id))
    news = await wechat.provider.verify_callback(headers, body, now=now())
    assert news
    assert (news.kind, news.payment_id, news.refund_id) == (NewsKind.PAID, payment.id, None)
    assert (news.amount_minor, news.currency) == (payment.amount_minor, "CNY")
    again = await wechat.provider.verify_callback(headers, body, now=now())
    assert again == news, "a repeat reads the same and has the same id"
    said = await wechat.provider.query_payment(payment)
    assert (said.standing, said.amount_minor) == (Standing.DONE, payment.amount_minor)
    assert (said.provider_ref, said.since) == (news.provider_ref, news.occurred_at)
    assert (await wechat.provider.close_payment(payment)).standing is Standing.DONE
    assert wechat.server.refused == ["ORDERPAID"]


async def test_a_phone_gets_a_page_and_asking_again_changes_nothing(wechat: WechatDesk) -> None:
    payment = await wechat.open(PHONE)
    asked = {"subject": "s", "return_url": RETURN_URL, "visit": PHONE}
    first = await wechat.provider.create_payment(payment, **asked)
    assert await wechat.provider.create_payment(payment, **asked) == first
    assert "redirect_url=https%3A%2F%2Fmarket.test" in first.pay_url
    assert not wechat.provider.keeps_page(first.pay_url), "a phone's page lives five minutes"
    assert wechat.provider.keeps_page("weixin://wxpay/bizpayurl?pr=1")
    with pytest.raises(ProviderRefused, match="OUT_TRADE_NO_USED"):
        await wechat.open(id=payment.id, amount_minor=1)


async def test_a_refund_from_asking_to_news(wechat: WechatDesk) -> None:
    payment = await wechat.open()
    refund = a_refund(payment_id=payment.id, amount_minor=100, why="买错了" * 50)
    with pytest.raises(ProviderRefused, match="RESOURCE_NOT_EXISTS"):
        await wechat.provider.refund(refund, paid_of(payment))
    wechat.server.pay(str(payment.id))
    for _ in range(2):
        said = await wechat.provider.refund(refund, paid_of(payment))
        assert (said.standing, said.amount_minor) == (Standing.OPEN, 100)
    wechat.server.end_refund(str(refund.id))
    headers, body = wechat.server.refund_callback(str(refund.id))
    news = await wechat.provider.verify_callback(headers, body, now=now())
    assert news
    assert (news.kind, news.payment_id) == (NewsKind.REFUNDED, payment.id)
    assert (news.refund_id, news.amount_minor) == (refund.id, 100)
    said = await wechat.provider.query_refund(refund, paid_of(payment))
    assert (said.standing, said.since) == (Standing.DONE, news.occurred_at)
    too_much = a_refund(payment_id=payment.id, amount_minor=payment.amount_minor)
    with pytest.raises(ProviderRefused, match="INVALID_REQUEST"):
        await wechat.provider.refund(too_much, paid_of(payment))


@pytest.mark.parametrize("status", ["ABNORMAL", "CLOSED"])
async def test_a_refund_that_fails_there_fails_here(wechat: WechatDesk, status: str) -> None:
    payment = await wechat.paid()
    refund = a_refund(payment_id=payment.id, amount_minor=5)
    await wechat.provider.refund(refund, paid_of(payment))
    wechat.server.end_refund(str(refund.id), status)
    said = await wechat.provider.query_refund(refund, paid_of(payment))
    assert said.standing is Standing.CLOSED
    headers, body = wechat.server.refund_callback(str(refund.id))
    news = await wechat.provider.verify_callback(headers, body, now=now())
    assert news
    assert news.kind is NewsKind.REFUND_FAILED


async def test_a_message_that_is_not_wechats_is_refused(wechat: WechatDesk) -> None:
    payment = await wechat.paid()
    it = wechat.server.show(wechat.server.trades[str(payment.id)])
    event = "TRANSACTION.SUCCESS"
    headers, body = wechat.server.sealed(event, it)
    forged = [
        ({}, body),
        (headers, body + b" "),
        ({**headers, "wechatpay-signature": "x"}, body),
        ({**headers, "wechatpay-signature": "WECHATPAY/SIGNTEST/abc"}, body),
        ({**headers, "wechatpay-timestamp": str(int(headers["wechatpay-timestamp"]) + 1)}, body),
        ({**headers, "wechatpay-timestamp": "soon"}, body),
        ({**headers, "wechatpay-serial": "PUB_KEY_ID_9"}, body),
        ({**headers, "wechatpay-serial": "zz"}, body),
        ({**headers, "wechatpay-signature-type": "NONE"}, body),
        wechat.server.sealed(event, it, signer=a_key()),
        wechat.server.sealed(event, it, key="f" * 32),
    ]
    for wrong_headers, wrong_body in forged:
        with pytest.raises(BadSignature):
            await wechat.provider.verify_callback(wrong_headers, wrong_body, now=now())
    before = len(wechat.server.asked)
    assert await wechat.provider.verify_callback(headers, body, now=now())
    assert len(wechat.server.asked) == before, "nobody makes us ask WeChat with a forged message"


@pytest.mark.parametrize("minutes", [-6, 6])
async def test_a_replay_after_five_minutes_is_refused(wechat: WechatDesk, minutes: int) -> None:
    payment = await wechat.paid()
    headers, body = wechat.server.callback(str(payment.id))
    with pytest.raises(BadSignature):
        await wechat.provider.verify_callback(headers, body, now=now() + timedelta(minutes=minutes))
    almost = now() + timedelta(minutes=4, seconds=55)
    assert await wechat.provider.verify_callback(headers, body, now=almost)


@pytest.mark.parametrize("changes", [{"mchid": "1900000999"}, {"appid": "wx9"}, {"mchid": None}])
async def test_news_for_another_merchant_or_app_is_refused(
    wechat: WechatDesk, changes: dict[str, Any]
) -> None:
    payment = await wechat.paid()
    headers, body = wechat.server.callback(str(payment.id), **changes)
    with pytest.raises(OtherMerchant):
        await wechat.provider.verify_callback(headers, body, now=now())


@pytest.mark.parametrize(
    "changes",
    [
        {"out_trade_no": "abc"},
        {"out_trade_no": None},
        {"amount": {"total": "25000"}},
        {"amount": {"total": 1.5}},
        {"amount": None},
        {"trade_state": "NOTPAY"},
        {"success_time": "2026-11-22 10:00:00"},
        {"out_refund_no": "5"},
    ],
)
async def test_signed_news_that_makes_no_sense_is_refused(
    wechat: WechatDesk, changes: dict[str, Any]
) -> None:
    payment = await wechat.paid()
    headers, body = wechat.server.callback(str(payment.id), **changes)
    with pytest.raises(NewsUnreadable):
        await wechat.provider.verify_callback(headers, body, now=now())


async def test_news_of_other_things_is_no_concern(wechat: WechatDesk) -> None:
    payment = await wechat.open()
    it = wechat.server.show(wechat.server.trades[str(payment.id)])
    headers, body = wechat.server.sealed("COUPON.USE", it)
    assert await wechat.provider.verify_callback(headers, body, now=now()) is None


async def test_a_bill_is_fetched_and_its_digest_held(wechat: WechatDesk) -> None:
    wechat.server.bills["2026-11-21"] = "\ufeff交易时间\r\n".encode()
    assert (
        await wechat.provider.download_bill(now().date().replace(2026, 11, 21))
        == (wechat.server.bills["2026-11-21"])
    )
    with pytest.raises(ProviderRefused, match="NO_STATEMENT_EXIST"):
        await wechat.provider.download_bill(now().date().replace(2026, 11, 20))


async def test_certificates_are_fetched_once_and_strange_serials_do_not_fetch_more() -> None:
    desk = wechat_desk(by_certificate=True)
    payment = await desk.paid()
    headers, body = desk.server.callback(str(payment.id))
    assert await desk.provider.verify_callback(headers, body, now=now())

    def fetched() -> int:
        return sum(asked.path == "/v3/certificates" for asked in desk.server.asked)

    assert fetched() == 1
    strange = {**headers, "wechatpay-serial": "ABCDEF"}
    for _ in range(5):
        with pytest.raises(BadSignature):
            await desk.provider.verify_callback(strange, body, now=now())
    assert fetched() == 2
    assert await desk.provider.verify_callback(headers, body, now=now())
    await desk.provider.close()
    desk.server.stop()


def test_a_text_is_cut_between_signs() -> None:
    assert cut_bytes("山a", 3) == "山"
    assert cut_bytes("a山", 3) == "a"
    assert cut_bytes("ab", 9) == "ab"
