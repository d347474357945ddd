"""The provider ``wechatpay``: WeChat Pay v3 for a merchant of its own, through ``wechatpayv3``.

A person at a desk gets a code to scan (Native), a phone a page to go to (H5). Two ways to know
WeChat's signature: its public key (what new merchants have), or platform certificates, which the
library fetches and renews. Source: pay.weixin.qq.com/doc/v3/merchant.
"""

import gzip
import hashlib
import json
import threading
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo

import requests
from wechatpayv3 import WeChatPay, WeChatPayType  # type: ignore[import-untyped]

from jishi.kit.ids import PaymentId, RefundId, parse_id
from jishi.modules.payments.blocking import BILL_SECONDS, CONNECT_SECONDS, READ_SECONDS, Threads
from jishi.modules.payments.provider import ProviderRefused, ProviderUnreachable
from jishi.modules.payments.types import (
    WECHATPAY,
    BadSignature,
    CallbackNews,
    NewsKind,
    NewsUnreadable,
    OtherMerchant,
    Paid,
    Payment,
    PaymentStanding,
    PayPage,
    Refund,
    RefundStanding,
    Standing,
    Visit,
)

NAME: Final = WECHATPAY
ZONE: Final = ZoneInfo("Asia/Shanghai")  # its bills and instants
CURRENCY: Final = "CNY"
TOLERANCE_SECONDS: Final = 300  # source: 签名验证, the timestamp of a message
TIMESTAMP_DIGITS_MAX: Final = 12
SUBJECT_BYTES_MAX: Final = 127
REASON_BYTES_MAX: Final = 80
OK: Final = (200, 204)
CODE: Final = "weixin://"  # stands two hours; a phone's page five minutes
SAYS_NOTHING: Final = (401, 429)  # about the money: our key, our clock, our pace
SERVER_FAULT: Final = 500
RENEW_EVERY: Final = timedelta(minutes=10)  # certificates, when an unknown serial comes in
BILL_BYTES_MAX: Final = 256 * 1024 * 1024

_STANDINGS: Final = {
    "SUCCESS": Standing.DONE,
    "REFUND": Standing.DONE,  # was paid, and part or all of it went back
    "NOTPAY": Standing.OPEN,
    "USERPAYING": Standing.OPEN,
    "PAYERROR": Standing.OPEN,
    "CLOSED": Standing.CLOSED,
    "REVOKED": Standing.CLOSED,
}
_REFUND_STANDINGS: Final = {
    "SUCCESS": Standing.DONE,
    "PROCESSING": Standing.OPEN,
    "CLOSED": Standing.CLOSED,
    "ABNORMAL": Standing.CLOSED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """``public_key`` and ``public_key_id`` are both given or both None."""

    mchid: str
    appid: str
    cert_serial: str
    private_key: str = field(repr=False)
    apiv3_key: str = field(repr=False)
    notify_url: str
    base_url: str
    public_key: str | None = None
    public_key_id: str | None = None


@dataclass(slots=True, kw_only=True)
class WechatPayProvider:
    terms: Terms
    threads: Threads
    _client: Any = None
    _renewed_at: datetime | None = None
    _making: threading.Lock = field(default_factory=threading.Lock)

    @property
    def name(self) -> str:
        return NAME

    @property
    def answer(self) -> None:
        return None

    def keeps_page(self, pay_url: str) -> bool:
        return pay_url.startswith(CODE)

    async def create_payment(
        self, payment: Payment, *, subject: str, return_url: str, visit: Visit
    ) -> PayPage:
        more: dict[str, Any] = {"pay_type": WeChatPayType.NATIVE}
        if visit.is_phone:
            scene = {"payer_client_ip": visit.ip, "h5_info": {"type": "Wap"}}
            more = {"pay_type": WeChatPayType.H5, "scene_info": scene}
        said = await self._ask(
            lambda it: it.pay(
                description=cut_bytes(subject, SUBJECT_BYTES_MAX),
                out_trade_no=str(payment.id),
                amount={"total": payment.amount_minor, "currency": CURRENCY},
                time_expire=payment.expires_at.astimezone(ZONE).isoformat(timespec="seconds"),
                **more,
            )
        )
        if visit.is_phone:
            page = f"{_text(said, 'h5_url')}&redirect_url={quote(return_url, safe='')}"
            return PayPage(provider_ref="", pay_url=page)
        return PayPage(provider_ref="", pay_url=_text(said, "code_url"))

    async def query_payment(self, payment: Payment) -> PaymentStanding:
        try:
            said = await self._ask(lambda it: it.query(out_trade_no=str(payment.id)))
        except ProviderRefused as no:
            if no.code in ("ORDER_NOT_EXIST", "RESOURCE_NOT_EXISTS"):
                return PaymentStanding(standing=Standing.UNKNOWN)
            raise
        self._require_ours(said, ProviderUnreachable)
        if said.get("out_trade_no") != str(payment.id):
            raise ProviderUnreachable("it answers about another payment")
        return _payment_standing(said)

    async def close_payment(self, payment: Payment) -> PaymentStanding:
        try:
            await self._ask(lambda it: it.close(out_trade_no=str(payment.id)))
        except ProviderRefused as no:
            if no.code in ("ORDER_NOT_EXIST", "RESOURCE_NOT_EXISTS"):
                return PaymentStanding(standing=Standing.UNKNOWN)
            if no.code in ("ORDERPAID", "ORDER_CLOSED", "TRADE_STATE_ERROR"):
                return await self.query_payment(payment)
            raise
        return PaymentStanding(standing=Standing.CLOSED)

    async def refund(self, refund: Refund, paid: Paid) -> RefundStanding:
        amount = {
            "refund": refund.amount_minor,
            "total": paid.amount_minor,
            "currency": CURRENCY,
        }
        said = await self._ask(
            lambda it: it.refund(
                out_refund_no=str(refund.id),
                out_trade_no=str(paid.number),
                amount=amount,
                reason=cut_bytes(refund.why, REASON_BYTES_MAX),
            )
        )
        return _refund_standing(said, refund)

    async def query_refund(self, refund: Refund, paid: Paid) -> RefundStanding:  # noqa: ARG002
        try:
            said = await self._ask(lambda it: it.query_refund(out_refund_no=str(refund.id)))
        except ProviderRefused as no:
            if no.code in ("RESOURCE_NOT_EXISTS", "REFUND_NOT_EXIST"):
                return RefundStanding(standing=Standing.UNKNOWN)
            raise
        return _refund_standing(said, refund)

    async def download_bill(self, day: date) -> bytes:
        asked = await self._ask(lambda it: it.trade_bill(bill_date=day.isoformat()))
        url, wanted = _text(asked, "download_url"), _text(asked, "hash_value")
        if urlsplit(url).netloc != urlsplit(self.terms.base_url).netloc:
            raise ProviderUnreachable("the bill lies at another host")
        raw = await self._raw(lambda it: it.download_bill(url), seconds=BILL_SECONDS)
        plain = unpacked(raw)
        if hashlib.sha1(plain, usedforsecurity=False).hexdigest() != wanted.lower():
            raise ProviderUnreachable("the bill was damaged on the way")
        return plain

    async def verify_callback(
        self, headers: Mapping[str, str], body: bytes, *, now: datetime
    ) -> CallbackNews | None:
        require_fresh(headers.get("wechatpay-timestamp", ""), now=now)
        if not headers.get("wechatpay-signature"):
            raise BadSignature(reason="signature")
        said = await self.threads.run(lambda: self._opened(headers, body, now))
        self._require_ours(said.get("resource", {}), OtherMerchant)
        return _news(said)

    async def close(self) -> None:
        self.threads.close()

    def _opened(self, headers: Mapping[str, str], body: bytes, now: datetime) -> dict[str, Any]:
        """A callback whose signature holds, its resource decrypted. Raises BadSignature."""
        client = self._made()
        if not self._knows(client, headers.get("wechatpay-serial", ""), now):
            raise BadSignature(reason="serial")
        try:
            said = client.callback(headers=dict(headers), body=body)
        except Exception as problem:
            raise BadSignature(reason=type(problem).__name__) from problem
        if not isinstance(said, dict) or not isinstance(said.get("resource"), dict):
            raise BadSignature(reason="signature")
        return said

    def _knows(self, client: Any, serial: str, now: datetime) -> bool:
        """Whether a message so numbered may be looked at.

        The library asks WeChat about every serial it has not seen; anyone may send such a message,
        so it is let through once in ten minutes only.
        """
        if self.terms.public_key_id is not None:
            return serial == self.terms.public_key_id
        known = {f"{each.serial_number:X}" for each in list(client.certificates())}
        if serial.upper().lstrip("0") in known:
            return True
        last = self._renewed_at
        if last is not None and now - last < RENEW_EVERY:
            return False
        self._renewed_at = now
        return True

    async def _ask(self, call: Callable[[Any], tuple[int, Any]]) -> dict[str, Any]:
        raw = await self._raw(call)
        if not raw:
            return {}
        try:
            said = json.loads(raw)
        except ValueError as problem:
            raise ProviderUnreachable("an answer that cannot be read") from problem
        if not isinstance(said, dict):
            raise ProviderUnreachable("an answer that cannot be read")
        return said

    async def _raw(self, call: Callable[[Any], tuple[int, Any]], *, seconds: float = 0) -> bytes:
        def run() -> tuple[int, Any]:
            try:
                return call(self._made())
            except ProviderUnreachable:
                raise
            except requests.RequestException as problem:
                raise ProviderUnreachable(type(problem).__name__) from problem
            except Exception as problem:
                raise ProviderUnreachable(str(problem)) from problem

        status, content = await (
            self.threads.run(run, seconds=seconds) if seconds else self.threads.run(run)
        )
        raw = content.encode() if isinstance(content, str) else bytes(content)
        if status in OK:
            return raw
        raise _no(status, raw)

    def _made(self) -> Any:
        """The library's client. Without a public key it fetches certificates when it is made."""
        with self._making:
            if self._client is None:
                self._client = _open_client(self.terms)
            return self._client

    def _require_ours(self, said: Mapping[str, Any], problem: type[Exception]) -> None:
        """Refund news carries no appid; what carries one must carry ours."""
        if said.get("mchid") != self.terms.mchid or said.get("appid", self.terms.appid) != (
            self.terms.appid
        ):
            raise problem


def open_wechatpay(terms: Terms) -> WechatPayProvider:
    return WechatPayProvider(terms=terms, threads=Threads(NAME))


class _Client(WeChatPay):  # type: ignore[misc]
    """The library's client at another address, before it first speaks to it."""

    def __init__(self, terms: Terms) -> None:
        from wechatpayv3 import core

        class Core(core.Core):  # type: ignore[misc]
            def _init_certificates(self) -> None:
                self._gate_way = terms.base_url
                super()._init_certificates()

        self._type, self._partner_mode = WeChatPayType.NATIVE, False
        self._mchid, self._appid, self._notify_url = terms.mchid, terms.appid, terms.notify_url
        self._core = Core(
            mchid=terms.mchid,
            cert_serial_no=terms.cert_serial,
            private_key=terms.private_key,
            apiv3_key=terms.apiv3_key,
            timeout=(CONNECT_SECONDS, READ_SECONDS),
            public_key=terms.public_key,
            public_key_id=terms.public_key_id,
        )
        self._core._gate_way = terms.base_url  # noqa: SLF001 - there is no other way

    def certificates(self) -> Any:
        return self._core._certificates  # noqa: SLF001


def _open_client(terms: Terms) -> Any:
    return _Client(terms)


def require_fresh(timestamp: str, *, now: datetime) -> None:
    """Raises BadSignature for a message older or newer than five minutes."""
    is_number = timestamp.isascii() and timestamp.isdigit()
    if not is_number or len(timestamp) > TIMESTAMP_DIGITS_MAX:
        raise BadSignature(reason="timestamp")
    if abs(now.timestamp() - int(timestamp)) > TOLERANCE_SECONDS:
        raise BadSignature(reason="timestamp")


def cut_bytes(text: str, limit: int) -> str:
    """As much of ``text`` as fits ``limit`` bytes of UTF-8, whole signs only."""
    return text.encode()[:limit].decode("utf-8", "ignore")


def unpacked(raw: bytes) -> bytes:
    """A bill, unpacked when it is gzip. Raises ProviderUnreachable when it is damaged or too large."""
    if not raw.startswith(b"\x1f\x8b"):
        return raw
    try:
        opened = zlib.decompressobj(wbits=31)
        plain = opened.decompress(raw, BILL_BYTES_MAX)
    except (zlib.error, gzip.BadGzipFile) as problem:
        raise ProviderUnreachable("the bill cannot be unpacked") from problem
    if opened.unconsumed_tail:
        raise ProviderUnreachable("the bill is too large")
    return plain


def _no(status: int, raw: bytes) -> Exception:
    """WeChat's "no" as ours: faults and what says nothing of the money come again later."""
    if status >= SERVER_FAULT or status in SAYS_NOTHING:
        return ProviderUnreachable(f"HTTP {status}")
    try:
        said = json.loads(raw)
        return ProviderRefused(str(said["code"]), str(said.get("message", "")))
    except (ValueError, KeyError, TypeError):
        return ProviderUnreachable(f"HTTP {status}, unreadable")


def _payment_standing(said: Mapping[str, Any]) -> PaymentStanding:
    state = str(said.get("trade_state"))
    if state not in _STANDINGS:
        raise ProviderUnreachable(f"unknown state {state!r}")
    amount = said.get("amount") or {}
    return PaymentStanding(
        standing=_STANDINGS[state],
        amount_minor=_whole(amount.get("total", 0), ProviderUnreachable),
        currency=str(amount.get("currency") or CURRENCY),
        provider_ref=str(said.get("transaction_id") or ""),
        since=_instant(said.get("success_time"), ProviderUnreachable),
    )


def _refund_standing(said: Mapping[str, Any], refund: Refund) -> RefundStanding:
    state = str(said.get("status"))
    if state not in _REFUND_STANDINGS or said.get("out_refund_no") != str(refund.id):
        raise ProviderUnreachable(f"an answer about another refund, or state {state!r}")
    return RefundStanding(
        standing=_REFUND_STANDINGS[state],
        amount_minor=_whole((said.get("amount") or {}).get("refund"), ProviderUnreachable),
        provider_ref=str(said.get("refund_id") or ""),
        since=_instant(said.get("success_time"), ProviderUnreachable),
    )


_EVENTS: Final = {
    "TRANSACTION.SUCCESS": NewsKind.PAID,
    "REFUND.SUCCESS": NewsKind.REFUNDED,
    "REFUND.ABNORMAL": NewsKind.REFUND_FAILED,
    "REFUND.CLOSED": NewsKind.REFUND_FAILED,
}


def _news(said: Mapping[str, Any]) -> CallbackNews | None:
    kind = _EVENTS.get(str(said.get("event_type")))
    if kind is None:
        return None
    it, event_id = said["resource"], said.get("id")
    payment_id = parse_id(str(it.get("out_trade_no") or ""))
    refund_id = parse_id(str(it.get("out_refund_no") or ""))
    is_refund = kind is not NewsKind.PAID
    if payment_id is None or is_refund != (refund_id is not None) or not isinstance(event_id, str):
        raise NewsUnreadable(detail="numbers")
    if not is_refund and it.get("trade_state") != "SUCCESS":
        raise NewsUnreadable(detail="state")
    amount = it.get("amount") or {}
    at = _instant(it.get("success_time") or said.get("create_time"), NewsUnreadable)
    if at is None:
        raise NewsUnreadable(detail="time")
    return CallbackNews(
        provider=NAME,
        event_id=event_id,
        kind=kind,
        payment_id=PaymentId(payment_id),
        refund_id=RefundId(refund_id) if refund_id else None,
        amount_minor=_whole(amount.get("refund" if is_refund else "total"), NewsUnreadable),
        currency=str(amount.get("currency") or CURRENCY),
        provider_ref=str(it.get("refund_id" if is_refund else "transaction_id") or "") or None,
        occurred_at=at,
    )


def _text(said: Mapping[str, Any], name: str) -> str:
    found = said.get(name)
    if not isinstance(found, str) or not found:
        raise ProviderUnreachable(f"an answer without {name}")
    return found


def _whole(value: Any, problem: type[Exception]) -> int:
    if type(value) is not int:
        raise problem
    return value


def _instant(value: Any, problem: type[Exception]) -> datetime | None:
    """None for None; an instant must name its offset."""
    if not value:
        return None
    try:
        at = datetime.fromisoformat(str(value))
    except ValueError as wrong:
        raise problem from wrong
    if at.tzinfo is None:
        raise problem
    return at
