"""The provider ``sandbox``: a client of the payment sandbox's HTTP API."""

import asyncio
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, TypeVar

import httpx
import msgspec

from jishi.kit.ids import PaymentId, RefundId, parse_id
from jishi.modules.payments import signing
from jishi.modules.payments.provider import ProviderRefused, ProviderUnreachable
from jishi.modules.payments.types import (
    SANDBOX,
    CallbackNews,
    NewsKind,
    NewsUnreadable,
    Paid,
    Payment,
    PaymentStanding,
    PayPage,
    Refund,
    RefundStanding,
    Standing,
    Visit,
)

NAME: Final = SANDBOX
TRIES: Final = 3
PAUSES_SECONDS: Final = (0.2, 0.6)
TIMEOUT: Final = httpx.Timeout(5.0, connect=2.0)
LIMITS: Final = httpx.Limits(max_connections=32, max_keepalive_connections=16)
SUBJECT_SIGNS_MAX: Final = 128
SAYS_NOTHING: Final = (401, 403, 429)  # about the money: our key, our clock, our pace
SERVER_FAULT: Final = 500
ALREADY_PAID, REFUND_UNKNOWN = "sandbox.already_paid", "sandbox.refund_not_found"
T = TypeVar("T")

_STANDINGS: Final = {
    "open": Standing.OPEN,
    "paid": Standing.DONE,
    "closed": Standing.CLOSED,
    "pending": Standing.OPEN,
    "succeeded": Standing.DONE,
    "failed": Standing.CLOSED,
}


class _PaymentAnswer(msgspec.Struct):
    state: str
    trade_no: str
    amount_minor: int
    currency: str
    pay_url: str
    paid_at: datetime | None = None


class _RefundAnswer(msgspec.Struct):
    state: str
    refund_no: str
    amount_minor: int
    ended_at: datetime | None = None


class _No(msgspec.Struct):
    code: str = "unnamed"
    message: str = ""


class _Callback(msgspec.Struct):
    id: str
    event: NewsKind
    out_trade_no: str
    trade_no: str
    amount_minor: int
    currency: str
    occurred_at: datetime
    paid_at: datetime | None = None
    out_refund_no: str | None = None
    refund_no: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxProvider:
    """``notify_url`` is where callbacks come in; their signature is over its path."""

    key: bytes
    notify_url: str
    client: httpx.AsyncClient
    clock: Callable[[], datetime]

    @property
    def name(self) -> str:
        return NAME

    @property
    def answer(self) -> None:
        return None

    def keeps_page(self, pay_url: str) -> bool:  # noqa: ARG002
        return True

    async def create_payment(
        self,
        payment: Payment,
        *,
        subject: str,
        return_url: str,
        visit: Visit,  # noqa: ARG002 - one page serves all
    ) -> PayPage:
        said = await self._call(
            _PaymentAnswer,
            "POST",
            "/v1/payments",
            {
                "out_trade_no": str(payment.id),
                "amount_minor": payment.amount_minor,
                "currency": payment.currency,
                "subject": subject[:SUBJECT_SIGNS_MAX],
                "notify_url": self.notify_url,
                "return_url": return_url,
                "expires_at": payment.expires_at,
            },
        )
        return PayPage(provider_ref=said.trade_no, pay_url=said.pay_url)

    async def query_payment(self, payment: Payment) -> PaymentStanding:
        try:
            said = await self._call(_PaymentAnswer, "GET", f"/v1/payments/{payment.id}")
        except ProviderRefused as no:
            if no.code == "sandbox.payment_not_found":
                return PaymentStanding(standing=Standing.UNKNOWN)
            raise
        return _payment_standing(said)

    async def close_payment(self, payment: Payment) -> PaymentStanding:
        try:
            said = await self._call(_PaymentAnswer, "POST", f"/v1/payments/{payment.id}/close")
        except ProviderRefused as no:
            if no.code == ALREADY_PAID:
                return await self.query_payment(payment)
            if no.code == "sandbox.payment_not_found":
                return PaymentStanding(standing=Standing.UNKNOWN)
            raise
        return _payment_standing(said)

    async def refund(self, refund: Refund, paid: Paid) -> RefundStanding:
        asked = {
            "out_refund_no": str(refund.id),
            "out_trade_no": str(paid.number),
            "amount_minor": refund.amount_minor,
            "reason": refund.why[:SUBJECT_SIGNS_MAX],
        }
        return _refund_standing(await self._call(_RefundAnswer, "POST", "/v1/refunds", asked))

    async def query_refund(self, refund: Refund, paid: Paid) -> RefundStanding:  # noqa: ARG002
        try:
            said = await self._call(_RefundAnswer, "GET", f"/v1/refunds/{refund.id}")
        except ProviderRefused as no:
            if no.code == REFUND_UNKNOWN:
                return RefundStanding(standing=Standing.UNKNOWN)
            raise
        return _refund_standing(said)

    async def verify_callback(
        self, headers: Mapping[str, str], body: bytes, *, now: datetime
    ) -> CallbackNews | None:
        path = signing.path_of(self.notify_url)
        signing.check(self.key, headers, "POST", path, body, now=now)
        try:
            return _news(msgspec.json.decode(body, type=_Callback))
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise NewsUnreadable(detail=str(error)) from error

    async def download_bill(self, day: date) -> bytes:
        answer = await self._send("GET", f"/v1/bills/{day.isoformat()}", b"")
        if not answer.is_success:
            raise ProviderUnreachable(f"HTTP {answer.status_code}")
        return answer.content

    async def close(self) -> None:
        await self.client.aclose()

    async def _call(self, shape: type[T], method: str, path: str, asked: object | None = None) -> T:
        """One answered call. What may be repeated is, a bounded number of times."""
        body = b"" if asked is None else msgspec.json.encode(asked)
        for pause in (*PAUSES_SECONDS, None):
            try:
                return _read(await self._send(method, path, body), shape)
            except ProviderUnreachable:
                if pause is None:
                    raise
                await asyncio.sleep(pause)
        raise AssertionError("unreachable")

    async def _send(self, method: str, path: str, body: bytes) -> httpx.Response:
        nonce = secrets.token_hex(16)
        headers = signing.signed_headers(
            self.key, method, path, body, nonce=nonce, now=self.clock()
        )
        headers["content-type"] = "application/json"
        try:
            return await self.client.request(method, path, content=body, headers=headers)
        except httpx.HTTPError as error:
            raise ProviderUnreachable(f"{type(error).__name__}: {error}") from error


def open_sandbox(
    *, base_url: str, key: bytes, notify_url: str, clock: Callable[[], datetime]
) -> SandboxProvider:
    """A client of the sandbox at ``base_url``; keeps connections until ``close``."""
    client = httpx.AsyncClient(
        base_url=base_url, timeout=TIMEOUT, limits=LIMITS, trust_env=False, follow_redirects=False
    )
    return SandboxProvider(key=key, notify_url=notify_url, client=client, clock=clock)


def _read(answer: httpx.Response, shape: type[T]) -> T:
    if answer.status_code >= SERVER_FAULT or answer.status_code in SAYS_NOTHING:
        raise ProviderUnreachable(f"HTTP {answer.status_code}: {answer.text[:200]}")
    try:
        if answer.is_success:
            return msgspec.json.decode(answer.content, type=shape)
        no = msgspec.json.decode(answer.content, type=_No)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise ProviderUnreachable(f"HTTP {answer.status_code}, unreadable: {error}") from error
    raise ProviderRefused(no.code, no.message)


def _payment_standing(said: _PaymentAnswer) -> PaymentStanding:
    return PaymentStanding(
        standing=_standing(said.state),
        amount_minor=said.amount_minor,
        currency=said.currency,
        provider_ref=said.trade_no,
        since=said.paid_at,
    )


def _refund_standing(said: _RefundAnswer) -> RefundStanding:
    return RefundStanding(
        standing=_standing(said.state),
        amount_minor=said.amount_minor,
        provider_ref=said.refund_no,
        since=said.ended_at,
    )


def _standing(state: str) -> Standing:
    if state not in _STANDINGS:
        raise ProviderUnreachable(f"unknown state {state!r}")
    return _STANDINGS[state]


def _news(said: _Callback) -> CallbackNews:
    """Raises NewsUnreadable when a number is not one of ours."""
    payment_id, refund_id = parse_id(said.out_trade_no), parse_id(said.out_refund_no or "")
    is_refund = said.event in (NewsKind.REFUNDED, NewsKind.REFUND_FAILED)
    if payment_id is None or is_refund != (refund_id is not None):
        raise NewsUnreadable(detail="numbers")
    return CallbackNews(
        provider=NAME,
        event_id=said.id,
        kind=said.event,
        payment_id=PaymentId(payment_id),
        refund_id=RefundId(refund_id) if refund_id else None,
        amount_minor=said.amount_minor,
        currency=said.currency,
        provider_ref=said.refund_no or said.trade_no,
        occurred_at=said.paid_at or said.occurred_at,
    )
