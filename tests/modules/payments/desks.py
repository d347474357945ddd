"""Our provider beside the local server it talks to, one pair per provider."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol, TypeVar
from zoneinfo import ZoneInfo

import pytest

from jishi.modules.payments import alipay, stripe_pay, wechatpay
from jishi.modules.payments.types import Payment, Visit
from tests.modules.payments.makers import a_payment
from tests.support.providers import alipay as alipay_server
from tests.support.providers import stripe as stripe_server
from tests.support.providers import wechat as wechat_server
from tests.support.providers.http import a_key, private_pem, public_pem

RETURN_URL = "https://market.test/pay/1/result"
NOTIFY_URL = "https://market.test/api/v1/payments/callbacks/x"
KEY = a_key()  # the merchant's; making one takes a while
D = TypeVar("D", bound="Desk")


def now() -> datetime:
    return datetime.now(UTC)


def fresh(provider: str, **changes: Any) -> Payment:
    expires_at = now() + timedelta(minutes=30)
    return a_payment(**{"provider": provider, "expires_at": expires_at, **changes})


class Desk(Protocol):
    """What the tests of every provider need. ``open`` asks for the pay page, ``paid`` pays there."""

    server: Any
    provider: Any

    async def open(self, **changes: Any) -> Payment: ...
    async def paid(self, **changes: Any) -> Payment: ...


@dataclass
class WechatDesk:
    server: wechat_server.WechatServer
    provider: wechatpay.WechatPayProvider

    async def open(self, visit: Visit | None = None, **changes: Any) -> Payment:
        payment = fresh("wechatpay", **changes)
        page = await self.provider.create_payment(
            payment, subject="山" * 200, return_url=RETURN_URL, visit=visit or Visit()
        )
        assert page.pay_url.startswith("https://wx." if visit else "weixin://")
        return payment

    async def paid(self, **changes: Any) -> Payment:
        payment = await self.open(**changes)
        self.server.pay(str(payment.id))
        return payment


@dataclass
class AlipayDesk:
    server: alipay_server.AlipayServer
    provider: alipay.AlipayProvider

    async def open(self, *, is_phone: bool = False, **changes: Any) -> Payment:
        payment = fresh("alipay", **changes)
        page = await self.provider.create_payment(
            payment, subject="茶=杯/& 山", return_url=RETURN_URL, visit=Visit(is_phone=is_phone)
        )
        self.server.visit(page.pay_url)
        return payment

    async def paid(self, **changes: Any) -> Payment:
        payment = await self.open(**changes)
        self.server.pay(str(payment.id))
        return payment


@dataclass
class StripeDesk:
    server: stripe_server.StripeServer
    provider: stripe_pay.StripeProvider

    async def open(self, **changes: Any) -> Payment:
        payment = fresh("stripe", **{"currency": "EUR", **changes})
        page = await self.provider.create_payment(
            payment, subject="Cup", return_url=RETURN_URL, visit=Visit()
        )
        assert page.pay_url.startswith(self.server.url)
        return replace(payment, provider_ref=page.provider_ref)

    async def paid(self, **changes: Any) -> Payment:
        payment = await self.open(**changes)
        assert payment.provider_ref
        self.server.pay(payment.provider_ref)
        return payment


def wechat_desk(*, by_certificate: bool = False) -> WechatDesk:
    server = wechat_server.WechatServer(KEY.public_key(), by_certificate=by_certificate)
    terms = wechatpay.Terms(
        mchid=wechat_server.MCHID,
        appid=wechat_server.APPID,
        cert_serial=wechat_server.MERCHANT_SERIAL,
        private_key=private_pem(KEY),
        apiv3_key=wechat_server.APIV3_KEY,
        notify_url=NOTIFY_URL,
        base_url=server.url,
        public_key=None if by_certificate else public_pem(server.platform),
        public_key_id=None if by_certificate else wechat_server.PUBLIC_KEY_ID,
    )
    return WechatDesk(server, wechatpay.open_wechatpay(terms))


def alipay_desk() -> AlipayDesk:
    server = alipay_server.AlipayServer(KEY.public_key())
    terms = alipay.Terms(
        app_id=alipay_server.APP_ID,
        seller_id=alipay_server.SELLER_ID,
        private_key=private_pem(KEY),
        public_key=public_pem(server.own),
        notify_url=NOTIFY_URL,
        base_url=server.gateway,
    )
    return AlipayDesk(server, alipay.open_alipay(terms, clock=now))


def stripe_desk() -> StripeDesk:
    server = stripe_server.StripeServer()
    provider = stripe_pay.open_stripe(
        key=stripe_server.KEY,
        webhook_secret=stripe_server.SECRET,
        base_url=server.url,
        zone=ZoneInfo("UTC"),
        clock=now,
    )
    return StripeDesk(server, provider)


@asynccontextmanager
async def at_work(desk: D) -> AsyncIterator[D]:
    yield desk
    await desk.provider.close()
    desk.server.stop()


@pytest.fixture
async def wechat() -> AsyncIterator[WechatDesk]:
    async with at_work(wechat_desk()) as desk:
        yield desk


@pytest.fixture
async def ali() -> AsyncIterator[AlipayDesk]:
    async with at_work(alipay_desk()) as desk:
        yield desk


@pytest.fixture
async def card() -> AsyncIterator[StripeDesk]:
    async with at_work(stripe_desk()) as desk:
        yield desk
