"""The provider ``alipay``: Alipay for a merchant in China, through ``python-alipay-sdk``.

A desk gets the page of ``alipay.trade.page.pay``, a phone that of ``alipay.trade.wap.pay``: an
address we sign, at which Alipay makes the trade once the buyer is there. Keys are plain RSA2 keys,
not certificates. Amounts travel as decimal text. Source: opendocs.alipay.com.
"""

import binascii
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from http.client import HTTPException
from typing import Any, Final
from urllib.error import URLError
from urllib.parse import parse_qsl, urlsplit
from zoneinfo import ZoneInfo

import httpx
from alipay import AliPay  # type: ignore[import-untyped]
from alipay.exceptions import (  # type: ignore[import-untyped]
    AliPayException,
    AliPayValidationError,
)
from alipay.utils import AliPayConfig  # type: ignore[import-untyped]

from jishi.kit.ids import PaymentId, parse_id
from jishi.kit.money import format_plain, parse_minor
from jishi.modules.payments.blocking import BILL_SECONDS, READ_SECONDS, Threads
from jishi.modules.payments.provider import ProviderRefused, ProviderUnreachable
from jishi.modules.payments.types import (
    ALIPAY,
    BadSignature,
    CallbackAnswer,
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

NAME: Final = ALIPAY
ZONE: Final = ZoneInfo("Asia/Shanghai")
CURRENCY: Final = "CNY"
CLOCK: Final = "%Y-%m-%d %H:%M:%S"
SUBJECT_SIGNS_MAX: Final = 128
REASON_SIGNS_MAX: Final = 200
FIELDS_MAX: Final = 100
SUCCESS: Final = "10000"
BUSINESS_NO: Final = "40004"  # the only "no" that is about the trade itself
BILL_BYTES_MAX: Final = 256 * 1024 * 1024
NOT_THERE: Final = "ACQ.TRADE_NOT_EXIST"

_STANDINGS: Final = {
    "WAIT_BUYER_PAY": Standing.OPEN,
    "TRADE_SUCCESS": Standing.DONE,
    "TRADE_FINISHED": Standing.DONE,
    "TRADE_CLOSED": Standing.CLOSED,
}


class _Client(AliPay):  # type: ignore[misc]
    """The library's client, dated in Alipay's zone whatever the machine's is."""

    def __init__(self, terms: "Terms", clock: Callable[[], datetime]) -> None:
        super().__init__(
            appid=terms.app_id,
            app_notify_url=terms.notify_url,
            app_private_key_string=terms.private_key,
            alipay_public_key_string=terms.public_key,
            sign_type="RSA2",
            config=AliPayConfig(timeout=READ_SECONDS),
        )
        self._gateway, self._clock = terms.base_url, clock

    def build_body(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        data: dict[str, Any] = super().build_body(*args, **kwargs)
        data["timestamp"] = self._clock().astimezone(ZONE).strftime(CLOCK)
        return data


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    app_id: str
    seller_id: str
    private_key: str = field(repr=False)
    public_key: str
    notify_url: str
    base_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AlipayProvider:
    terms: Terms
    client: _Client
    threads: Threads

    @property
    def name(self) -> str:
        return NAME

    @property
    def answer(self) -> CallbackAnswer:
        return CallbackAnswer(body=b"success", media_type="text/plain")

    def keeps_page(self, pay_url: str) -> bool:  # noqa: ARG002
        return False

    async def create_payment(
        self, payment: Payment, *, subject: str, return_url: str, visit: Visit
    ) -> PayPage:
        facts: dict[str, Any] = {
            "subject": subject.translate(_PLAIN)[:SUBJECT_SIGNS_MAX],
            "out_trade_no": str(payment.id),
            "total_amount": format_plain(payment.amount_minor, CURRENCY),
            "time_expire": payment.expires_at.astimezone(ZONE).strftime(CLOCK),
            "return_url": return_url,
        }

        def make() -> str:
            if visit.is_phone:
                more = {"quit_url": return_url, "product_code": "QUICK_WAP_WAY"}
                return str(self.client.api_alipay_trade_wap_pay(**facts, **more))
            return str(self.client.api_alipay_trade_page_pay(**facts))

        signed = await self.threads.run(make)
        return PayPage(provider_ref="", pay_url=f"{self.terms.base_url}?{signed}")

    async def query_payment(self, payment: Payment) -> PaymentStanding:
        number = str(payment.id)
        try:
            said = await self._ask(lambda it: it.api_alipay_trade_query(out_trade_no=number))
        except ProviderRefused as no:
            if no.code == NOT_THERE:
                return PaymentStanding(standing=Standing.UNKNOWN)
            raise
        if said.get("out_trade_no") != number:
            raise ProviderUnreachable("it answers about another payment")
        return _payment_standing(said)

    async def close_payment(self, payment: Payment) -> PaymentStanding:
        number = str(payment.id)
        try:
            await self._ask(lambda it: it.api_alipay_trade_close(out_trade_no=number))
        except ProviderRefused as no:
            if no.code == NOT_THERE:
                return PaymentStanding(standing=Standing.UNKNOWN)
            if no.code in ("ACQ.TRADE_STATUS_ERROR", "ACQ.REASON_TRADE_STATUS_INVALID"):
                return await self.query_payment(payment)
            raise
        return PaymentStanding(standing=Standing.CLOSED)

    async def refund(self, refund: Refund, paid: Paid) -> RefundStanding:
        said = await self._ask(
            lambda it: it.api_alipay_trade_refund(
                format_plain(refund.amount_minor, CURRENCY),
                out_trade_no=str(paid.number),
                out_request_no=str(refund.id),
                refund_reason=refund.why[:REASON_SIGNS_MAX],
            )
        )
        if said.get("fund_change") != "Y":  # a repeat says N, too: ask what became of it
            found = await self.query_refund(refund, paid)
            return found if found.standing is not Standing.UNKNOWN else _under_way(said)
        return RefundStanding(
            standing=Standing.DONE,
            amount_minor=refund.amount_minor,  # its refund_fee is the sum of all refunds
            provider_ref=str(said.get("trade_no") or ""),
        )

    async def query_refund(self, refund: Refund, paid: Paid) -> RefundStanding:
        try:
            said = await self._ask(
                lambda it: it.api_alipay_trade_fastpay_refund_query(
                    str(refund.id), out_trade_no=str(paid.number)
                )
            )
        except ProviderRefused as no:
            if no.code == NOT_THERE:
                return RefundStanding(standing=Standing.UNKNOWN)
            raise
        if said.get("refund_status") != "REFUND_SUCCESS":
            return RefundStanding(standing=Standing.UNKNOWN)
        if said.get("out_request_no") != str(refund.id):
            raise ProviderUnreachable("it answers about another refund")
        return RefundStanding(
            standing=Standing.DONE,
            amount_minor=_minor(said.get("refund_amount"), ProviderUnreachable),
            provider_ref=str(said.get("trade_no") or ""),
            since=_instant(said.get("gmt_refund_pay"), ProviderUnreachable),
        )

    async def download_bill(self, day: date) -> bytes:
        asked = {"bill_type": "trade", "bill_date": day.isoformat()}
        api = "alipay.data.dataservice.bill.downloadurl.query"
        said = await self._ask(lambda it: it.server_api(api, biz_content=asked))
        url = str(said.get("bill_download_url") or "")
        if not _may_fetch(url, self.terms.base_url):
            raise ProviderUnreachable("the bill lies at another host")
        return await self.threads.run(lambda: _fetch(url), seconds=BILL_SECONDS)

    async def verify_callback(
        self,
        headers: Mapping[str, str],  # noqa: ARG002 - everything is in the form
        body: bytes,
        *,
        now: datetime,  # noqa: ARG002 - it comes again for a day, so its age says nothing
    ) -> CallbackNews | None:
        form = _form(body)
        await self.threads.run(lambda: self._require_signed(form))
        if form.get("app_id") != self.terms.app_id or form.get("seller_id") != self.terms.seller_id:
            raise OtherMerchant
        return _news(form)

    async def close(self) -> None:
        self.threads.close()

    def _require_signed(self, form: Mapping[str, str]) -> None:
        """Raises BadSignature."""
        said = dict(form)
        signature = said.pop("sign", "")
        try:
            holds = said.get("sign_type") == "RSA2" and self.client.verify(said, signature)
        except (AliPayException, ValueError, TypeError, binascii.Error) as problem:
            raise BadSignature(reason=type(problem).__name__) from problem
        if not holds:
            raise BadSignature(reason="signature")

    async def _ask(self, call: Callable[[_Client], Any]) -> dict[str, Any]:
        """A signed answer. Raises ProviderRefused only for what Alipay signed."""

        def run() -> Any:
            try:
                return call(self.client)
            except AliPayValidationError as problem:
                raise ProviderUnreachable("the signature of the answer does not hold") from problem
            except AliPayException as problem:  # unsigned: our keys, our app; nothing of the money
                raise ProviderUnreachable(_complaint(problem)) from problem
            except (URLError, HTTPException, OSError, ValueError, AttributeError) as problem:
                raise ProviderUnreachable(type(problem).__name__) from problem

        said = await self.threads.run(run)
        if not isinstance(said, dict):
            raise ProviderUnreachable("an answer that cannot be read")
        code, sub_code = str(said.get("code")), str(said.get("sub_code") or "")
        if code == SUCCESS:
            return said
        if code == BUSINESS_NO and not sub_code.endswith("SYSTEM_ERROR"):
            raise ProviderRefused(sub_code, str(said.get("sub_msg") or ""))
        raise ProviderUnreachable(f"{code} {sub_code}")


def open_alipay(terms: Terms, *, clock: Callable[[], datetime]) -> AlipayProvider:
    """Raises ValueError when a key is none."""
    client = _Client(terms, clock)
    return AlipayProvider(terms=terms, client=client, threads=Threads(NAME))


_PLAIN: Final = str.maketrans("/=&", "   ")  # signs a subject may not have


def _payment_standing(said: Mapping[str, Any]) -> PaymentStanding:
    """``TRADE_CLOSED`` is never paid, or paid and wholly returned: nothing to ship for either way."""
    state = str(said.get("trade_status"))
    if state not in _STANDINGS:
        raise ProviderUnreachable(f"unknown state {state!r}")
    return PaymentStanding(
        standing=_STANDINGS[state],
        amount_minor=_minor(said.get("total_amount"), ProviderUnreachable),
        currency=CURRENCY,
        provider_ref=str(said.get("trade_no") or ""),
        since=_instant(said.get("send_pay_date"), ProviderUnreachable),
    )


def _under_way(said: Mapping[str, Any]) -> RefundStanding:
    return RefundStanding(standing=Standing.OPEN, provider_ref=str(said.get("trade_no") or ""))


def _news(form: Mapping[str, str]) -> CallbackNews | None:
    """None for what needs nothing done: a trade just made, or a refund, which is told when asked."""
    kinds = {
        "TRADE_SUCCESS": NewsKind.PAID,
        "TRADE_FINISHED": NewsKind.PAID,
        "TRADE_CLOSED": NewsKind.CLOSED,
    }
    kind = kinds.get(form.get("trade_status", ""))
    if kind is None or "refund_fee" in form:
        return None
    payment_id = parse_id(form.get("out_trade_no", ""))
    at = _instant(form.get("gmt_payment") or form.get("notify_time"), NewsUnreadable)
    if payment_id is None or at is None or not form.get("notify_id"):
        raise NewsUnreadable(detail="numbers")
    return CallbackNews(
        provider=NAME,
        event_id=form["notify_id"],
        kind=kind,
        payment_id=PaymentId(payment_id),
        refund_id=None,
        amount_minor=_minor(form.get("total_amount"), NewsUnreadable),
        currency=CURRENCY,
        provider_ref=form.get("trade_no") or None,
        occurred_at=at,
    )


def _form(body: bytes) -> dict[str, str]:
    """The form's fields, each once. Raises NewsUnreadable."""
    try:
        pairs = parse_qsl(
            body.decode("utf-8"),
            keep_blank_values=True,
            strict_parsing=True,
            max_num_fields=FIELDS_MAX,
        )
    except ValueError as problem:
        raise NewsUnreadable(detail="form") from problem
    if len({name for name, _ in pairs}) != len(pairs):
        raise NewsUnreadable(detail="form")
    return dict(pairs)


def _may_fetch(url: str, base_url: str) -> bool:
    """Alipay's own hosts by TLS, or the gateway's host, whichever that is."""
    parts, base = urlsplit(url), urlsplit(base_url)
    host = parts.hostname or ""
    is_theirs = parts.scheme == "https" and (host == "alipay.com" or host.endswith(".alipay.com"))
    return is_theirs or (parts.scheme, parts.netloc) == (base.scheme, base.netloc)


def _fetch(url: str) -> bytes:
    found = bytearray()
    try:
        with httpx.stream("GET", url, timeout=READ_SECONDS, follow_redirects=False) as answer:
            answer.raise_for_status()
            for part in answer.iter_bytes():
                found += part
                if len(found) > BILL_BYTES_MAX:
                    raise ProviderUnreachable("the bill is too large")
    except httpx.HTTPError as problem:
        raise ProviderUnreachable(type(problem).__name__) from problem
    return bytes(found)


def _complaint(problem: Exception) -> str:
    """The codes of an unsigned "no"; the library's text holds the whole answer."""
    try:
        said = json.loads(str(problem).partition("message:")[2])
        inner = next(it for it in said.values() if isinstance(it, dict))
        return f"{inner.get('code')} {inner.get('sub_code')}"
    except (ValueError, StopIteration, AttributeError):
        return type(problem).__name__


def _minor(text: Any, problem: type[Exception]) -> int:
    found = parse_minor(text, CURRENCY) if isinstance(text, str) else None
    if found is None:
        raise problem
    return found


def _instant(text: Any, problem: type[Exception]) -> datetime | None:
    """Alipay's times are Beijing's and say so nowhere. None for nothing."""
    if not text:
        return None
    try:
        return datetime.strptime(str(text)[:19], CLOCK).replace(tzinfo=ZONE).astimezone(UTC)
    except ValueError as wrong:
        raise problem from wrong
