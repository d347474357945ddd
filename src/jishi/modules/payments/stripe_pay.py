"""The provider ``stripe``: Stripe Checkout through the library ``stripe``.

A payment becomes a Checkout Session; money is known by its payment intent from then on. Amounts are
whole numbers in Stripe's own scale, which differs from ISO 4217 for some currencies. Source:
docs.stripe.com/currencies, /webhooks, /api.
"""

import csv
import hashlib
import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final, TypeVar
from zoneinfo import ZoneInfo

import stripe

from jishi.kit.ids import PaymentId, RefundId, parse_id
from jishi.kit.money import format_plain, scale_of
from jishi.modules.payments.blocking import BILL_SECONDS, CONNECT_SECONDS, READ_SECONDS, Threads
from jishi.modules.payments.provider import ProviderRefused, ProviderUnreachable
from jishi.modules.payments.types import (
    STRIPE,
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

NAME: Final = STRIPE
TOLERANCE_SECONDS: Final = 300  # source: docs.stripe.com/webhooks, replay attacks
SESSION_LEAST: Final = timedelta(minutes=31)  # a session lives 30 minutes at least
PAGE: Final = 100
BILL_ROWS_MAX: Final = 500_000
BILL_COLUMNS: Final = (
    "balance_transaction_id",
    "created_utc",
    "reporting_category",
    "source_id",
    "currency",
    "gross",
    "fee",
    "net",
    "payment_metadata[payment_id]",
    "refund_metadata[refund_id]",
)
# Digits Stripe keeps after the point; others have two. Source: docs.stripe.com/currencies.
NO_DIGITS: Final = frozenset(
    "BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF".split()  # noqa: SIM905
)
THREE_DIGITS: Final = frozenset({"BHD", "JOD", "KWD", "OMR", "TND"})  # the last one must be 0
WHOLE_ONLY: Final = frozenset({"ISK", "UGX"})  # two digits that must be 00
TEN: Final = 10
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class StripeProvider:
    client: stripe.StripeClient
    webhook_secret: str = field(repr=False)
    is_live: bool  # what the key is for; news of the other kind is not ours
    threads: Threads
    zone: ZoneInfo  # a bill's day is a day there
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
        numbers = {"payment_id": str(payment.id)}
        price = {
            "currency": payment.currency.lower(),
            "unit_amount": to_stripe(payment.amount_minor, payment.currency),
            "product_data": {"name": subject},
        }
        ends_at = max(payment.expires_at, self.clock() + SESSION_LEAST)
        asked: Any = {
            "mode": "payment",
            "line_items": [{"quantity": 1, "price_data": price}],
            "client_reference_id": str(payment.id),
            "metadata": numbers,
            "payment_intent_data": {"metadata": numbers},
            "success_url": return_url,
            "cancel_url": return_url,
            "expires_at": int(ends_at.timestamp()) // 60 * 60,
        }
        options: Any = {"idempotency_key": f"pay-{payment.id}-{_digest(asked)}"}
        made = await self._ask(
            lambda: self.client.v1.checkout.sessions.create(params=asked, options=options)
        )
        if not made.url:
            raise ProviderUnreachable("an answer without url")
        return PayPage(provider_ref=made.id, pay_url=made.url)

    async def query_payment(self, payment: Payment) -> PaymentStanding:
        """UNKNOWN while no session of it was written down: nobody has seen its page then."""
        ref = payment.provider_ref or ""
        if not ref.startswith("cs_"):
            return PaymentStanding(standing=Standing.UNKNOWN)
        try:
            said = await self._ask(lambda: self.client.v1.checkout.sessions.retrieve(ref))
        except ProviderRefused as no:
            if no.code == "resource_missing":
                return PaymentStanding(standing=Standing.UNKNOWN)
            raise
        if said.client_reference_id != str(payment.id):
            raise ProviderUnreachable("it answers about another payment")
        return _payment_standing(said)

    async def close_payment(self, payment: Payment) -> PaymentStanding:
        ref = payment.provider_ref or ""
        if not ref.startswith("cs_"):
            return PaymentStanding(standing=Standing.UNKNOWN)
        try:
            said = await self._ask(lambda: self.client.v1.checkout.sessions.expire(ref))
        except ProviderRefused:  # paid, or closed before
            return await self.query_payment(payment)
        return _payment_standing(said)

    async def refund(self, refund: Refund, paid: Paid) -> RefundStanding:
        """A failed one is asked for anew: under another key, since Stripe repeats its answers."""
        intent = await self._intent(paid)
        tried = await self._refunds(intent, refund)
        alive = [it for it in tried if it.status not in ("failed", "canceled")]
        if alive:
            return _refund_standing(alive[0], paid.currency)
        asked: Any = {
            "payment_intent": intent,
            "amount": to_stripe(refund.amount_minor, paid.currency),
            "metadata": {"payment_id": str(paid.number), "refund_id": str(refund.id)},
        }
        options: Any = {"idempotency_key": f"refund-{refund.id}-{len(tried)}"}
        made = await self._ask(lambda: self.client.v1.refunds.create(params=asked, options=options))
        return _refund_standing(made, paid.currency)

    async def query_refund(self, refund: Refund, paid: Paid) -> RefundStanding:
        tried = await self._refunds(await self._intent(paid), refund)
        if not tried:
            return RefundStanding(standing=Standing.UNKNOWN)
        return _refund_standing(tried[0], paid.currency)

    async def download_bill(self, day: date) -> bytes:
        """Stripe's balance transactions of a day, written as its itemised report has them."""
        begins = datetime.combine(day, time(), self.zone)
        ends = datetime.combine(day + timedelta(days=1), time(), self.zone)
        asked: Any = {
            "created": {"gte": int(begins.timestamp()), "lt": int(ends.timestamp())},
            "limit": PAGE,
            "expand": ["data.source"],
        }

        def read() -> list[dict[str, Any]]:
            found: list[dict[str, Any]] = []
            pages = self.client.v1.balance_transactions.list(params=asked)
            for each in pages.auto_paging_iter():
                found.append(each.to_dict())
                if len(found) > BILL_ROWS_MAX:
                    raise ProviderUnreachable("the bill is too large")
            return found

        return _write_bill(await self._ask(read, seconds=BILL_SECONDS))

    async def verify_callback(
        self, headers: Mapping[str, str], body: bytes, *, now: datetime
    ) -> CallbackNews | None:
        signature = headers.get("stripe-signature", "")
        try:
            stripe.WebhookSignature.verify_header(body, signature, self.webhook_secret)
        except (stripe.SignatureVerificationError, ValueError) as problem:
            raise BadSignature(reason="signature") from problem
        _require_fresh(signature, now=now)
        try:
            said = json.loads(body)
            if said["livemode"] is not self.is_live or said.get("account"):
                raise OtherMerchant
            return _news(said)
        except (ValueError, KeyError, TypeError, AttributeError) as problem:
            raise NewsUnreadable(detail=type(problem).__name__) from problem

    async def close(self) -> None:
        self.threads.close()

    async def _intent(self, paid: Paid) -> str:
        """The payment intent of a payment. Raises ProviderRefused when it was never paid there."""
        ref = paid.ref or ""
        if ref.startswith("cs_"):
            said = await self._ask(lambda: self.client.v1.checkout.sessions.retrieve(ref))
            ref = _id_of(said.payment_intent)
        if not ref.startswith("pi_"):
            raise ProviderRefused("not_paid", "no payment intent is known of it")
        return ref

    async def _refunds(self, intent: str, refund: Refund) -> list[stripe.Refund]:
        """Every try at this refund, newest first."""
        asked: Any = {"payment_intent": intent, "limit": PAGE}
        said = await self._ask(
            lambda: list(self.client.v1.refunds.list(params=asked).auto_paging_iter())
        )
        return [it for it in said if _numbers(it).get("refund_id") == str(refund.id)]

    async def _ask(self, call: Callable[[], T], *, seconds: float = 0) -> T:
        def run() -> T:
            try:
                return call()
            except (
                stripe.RateLimitError,
                stripe.AuthenticationError,
                stripe.PermissionError,
                stripe.IdempotencyError,
                stripe.APIConnectionError,
                stripe.APIError,
            ) as problem:  # they say nothing of the money
                raise ProviderUnreachable(type(problem).__name__) from problem
            except stripe.StripeError as problem:
                code = problem.code or type(problem).__name__
                raise ProviderRefused(code, problem.user_message or "") from problem

        return await (self.threads.run(run, seconds=seconds) if seconds else self.threads.run(run))


def open_stripe(
    *,
    key: str,
    webhook_secret: str,
    base_url: str,
    zone: ZoneInfo,
    clock: Callable[[], datetime],
) -> StripeProvider:
    client = stripe.StripeClient(
        key,
        base_addresses={"api": base_url},
        http_client=stripe.RequestsClient(timeout=(CONNECT_SECONDS, READ_SECONDS)),
        max_network_retries=0,
    )
    return StripeProvider(
        client=client,
        webhook_secret=webhook_secret,
        is_live="_live_" in key,
        threads=Threads(NAME),
        zone=zone,
        clock=clock,
    )


def to_stripe(amount_minor: int, currency: str) -> int:
    """Our minor units in Stripe's. Raises ProviderRefused when Stripe has no such amount."""
    theirs, ours = _digits(currency), scale_of(currency)
    found, rest = _scaled(amount_minor, theirs - ours)
    step = TEN if theirs == 3 else TEN * TEN if currency in WHOLE_ONLY else 1  # noqa: PLR2004
    if rest or found % step:
        raise ProviderRefused("amount", f"Stripe takes no such amount of {currency}")
    return found


def from_stripe(amount: int, currency: str) -> int:
    """Stripe's units in our minor ones. Raises NewsUnreadable for what we cannot write."""
    theirs, ours = _digits(currency), scale_of(currency)
    found, rest = _scaled(amount, ours - theirs)
    if rest:
        raise NewsUnreadable(detail="amount")
    return found


def _scaled(amount: int, digits: int) -> tuple[int, int]:
    """``amount`` with so many digits more (less: negative), and what that cuts off."""
    if digits >= 0:
        return amount * int(TEN**digits), 0
    return divmod(amount, int(TEN**-digits))


def _digits(currency: str) -> int:
    return 0 if currency in NO_DIGITS else 3 if currency in THREE_DIGITS else 2


def _payment_standing(said: stripe.checkout.Session) -> PaymentStanding:
    currency = (said.currency or "").upper()
    if said.payment_status == "paid":
        standing = Standing.DONE
    else:
        # complete, unpaid: a slow way of paying is under way, and Stripe will tell
        standing = Standing.CLOSED if said.status == "expired" else Standing.OPEN
    return PaymentStanding(
        standing=standing,
        amount_minor=from_stripe(said.amount_total or 0, currency),
        currency=currency,
        provider_ref=_id_of(said.payment_intent) or said.id,
    )


_REFUND_STANDINGS: Final = {
    "succeeded": Standing.DONE,
    "pending": Standing.OPEN,
    "requires_action": Standing.OPEN,
    "failed": Standing.CLOSED,
    "canceled": Standing.CLOSED,
}


def _refund_standing(said: stripe.Refund, currency: str) -> RefundStanding:
    if said.status not in _REFUND_STANDINGS:
        raise ProviderUnreachable(f"unknown state {said.status!r}")
    return RefundStanding(
        standing=_REFUND_STANDINGS[said.status],
        amount_minor=from_stripe(said.amount, currency),
        provider_ref=said.id,
    )


_SESSION_EVENTS: Final = {
    "checkout.session.completed": NewsKind.PAID,
    "checkout.session.async_payment_succeeded": NewsKind.PAID,
    "checkout.session.async_payment_failed": NewsKind.CLOSED,
    "checkout.session.expired": NewsKind.CLOSED,
}
_REFUND_EVENTS: Final = frozenset({"refund.created", "refund.updated", "refund.failed"})


def _news(said: Mapping[str, Any]) -> CallbackNews | None:
    """None for events we did not ask for, and for steps that are no end."""
    event, it = said["type"], said["data"]["object"]
    numbers = it.get("metadata") or {}
    currency = str(it.get("currency") or "").upper()
    if event in _SESSION_EVENTS:
        kind, amount = _SESSION_EVENTS[event], it["amount_total"]
        if kind is NewsKind.PAID and it["payment_status"] != "paid":
            return None
        payment_id, refund_id = parse_id(it.get("client_reference_id") or ""), None
        ref = _id_of(it.get("payment_intent")) or it["id"]
    elif event in _REFUND_EVENTS:
        ends = {"succeeded": NewsKind.REFUNDED, "failed": NewsKind.REFUND_FAILED}
        ends["canceled"] = NewsKind.REFUND_FAILED
        if it["status"] not in ends or "refund_id" not in numbers:
            return None
        kind, amount, ref = ends[it["status"]], it["amount"], it["id"]
        payment_id = parse_id(numbers.get("payment_id") or "")
        refund_id = parse_id(numbers["refund_id"])
        if refund_id is None:
            raise NewsUnreadable(detail="numbers")
    else:
        return None
    if payment_id is None or type(amount) is not int:
        raise NewsUnreadable(detail="numbers")
    return CallbackNews(
        provider=NAME,
        event_id=str(said["id"]),
        kind=kind,
        payment_id=PaymentId(payment_id),
        refund_id=RefundId(refund_id) if refund_id else None,
        amount_minor=from_stripe(amount, currency),
        currency=currency,
        provider_ref=ref,
        occurred_at=datetime.fromtimestamp(said["created"], UTC),
    )


def _require_fresh(header: str, *, now: datetime) -> None:
    """The library looks at the machine's clock and at the past only. Raises BadSignature."""
    stamps = [it[2:] for it in header.split(",") if it.startswith("t=")]
    if not stamps or abs(now.timestamp() - int(stamps[0])) > TOLERANCE_SECONDS:
        raise BadSignature(reason="timestamp")


def _write_bill(rows: Sequence[Mapping[str, Any]]) -> bytes:
    page = io.StringIO(newline="")
    written = csv.writer(page)
    written.writerow(BILL_COLUMNS)
    for row in rows:
        currency = str(row["currency"]).upper()
        source = row.get("source") if isinstance(row.get("source"), Mapping) else {}
        numbers = source.get("metadata") or {} if source else {}
        amounts = [
            format_plain(from_stripe(row[name], currency), currency)
            for name in ("amount", "fee", "net")
        ]
        written.writerow(
            [
                row["id"],
                datetime.fromtimestamp(row["created"], UTC).strftime("%Y-%m-%d %H:%M:%S"),
                row["reporting_category"],
                _id_of(row.get("source")),
                currency.lower(),
                *amounts,
                numbers.get("payment_id", ""),
                numbers.get("refund_id", ""),
            ]
        )
    return page.getvalue().encode()


def _numbers(thing: stripe.Refund) -> Mapping[str, Any]:
    """Its metadata, as plain values."""
    found: Mapping[str, Any] = thing.to_dict().get("metadata") or {}
    return found


def _id_of(thing: Any) -> str:
    """The id of what may be an id or the thing itself."""
    if thing is None or isinstance(thing, str):
        return thing or ""
    return str(thing["id"])


def _digest(asked: Any) -> str:
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()[:16]
