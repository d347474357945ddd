"""The words of this module: values, states, verdicts, refusals. No behaviour, no I/O."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from jishi.kit.errors import Kind, Refusal
from jishi.kit.ids import AccountId, CheckoutId, OrderId, PaymentId, RefundId

# Names of the providers there are, in rows and addresses.
SANDBOX, WECHATPAY, ALIPAY, STRIPE = "sandbox", "wechatpay", "alipay", "stripe"


class PaymentState(StrEnum):
    OPEN = "open"
    PAID = "paid"
    CLOSED = "closed"  # lapsed or cancelled before money came


# Money that comes after the close is still money: it is recorded, then revives or returns.
MOVES: Final[Mapping[PaymentState, frozenset[PaymentState]]] = {
    PaymentState.OPEN: frozenset({PaymentState.PAID, PaymentState.CLOSED}),
    PaymentState.CLOSED: frozenset({PaymentState.PAID}),
    PaymentState.PAID: frozenset(),
}


class RefundState(StrEnum):
    ASKED = "asked"  # the market owes it; the provider may not know yet
    SENT = "sent"  # the provider has it
    CONFIRMED = "confirmed"  # the money has left
    FAILED = "failed"  # the provider could not; an operator sends it again


# A callback may overtake the record of the call, so ASKED ends directly; a failure may be followed
# by success when a provider tries again by itself.
REFUND_MOVES: Final[Mapping[RefundState, frozenset[RefundState]]] = {
    RefundState.ASKED: frozenset({RefundState.SENT, RefundState.CONFIRMED, RefundState.FAILED}),
    RefundState.SENT: frozenset({RefundState.CONFIRMED, RefundState.FAILED}),
    RefundState.FAILED: frozenset({RefundState.ASKED, RefundState.CONFIRMED}),
    RefundState.CONFIRMED: frozenset(),
}


class NewsKind(StrEnum):
    PAID = "payment.paid"
    CLOSED = "payment.closed"
    REFUNDED = "refund.succeeded"
    REFUND_FAILED = "refund.failed"


class NewsVerdict(StrEnum):
    """What became of news that a payment was made."""

    RECORDED = "recorded"
    REPEAT = "repeat"
    WRONG_AMOUNT = "wrong_amount"
    UNKNOWN = "unknown"
    DOUBLE = "double"  # paid already through another provider: goes back


class RefundVerdict(StrEnum):
    """What became of news about a refund."""

    CONFIRMED = "confirmed"
    FAILED = "failed"
    REPEAT = "repeat"
    WRONG_AMOUNT = "wrong_amount"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    id: PaymentId
    checkout_id: CheckoutId
    buyer_id: AccountId
    provider: str
    amount_minor: int
    currency: str
    state: PaymentState
    order_ids: tuple[OrderId, ...]
    provider_ref: str | None
    pay_url: str | None  # set once the provider has made its page
    created_at: datetime
    expires_at: datetime  # from here on is too late to ask for a page
    asked_at: datetime | None
    paid_at: datetime | None  # set exactly when state is PAID
    double_of: PaymentId | None = None  # money that came a second time; the number it came under


@dataclass(frozen=True, slots=True, kw_only=True)
class Refund:
    id: RefundId
    order_id: OrderId
    payment_id: PaymentId
    provider: str
    amount_minor: int
    state: RefundState
    why: str
    provider_ref: str | None
    attempts: int  # how often it went to the provider, or was asked after
    last_error: str | None
    asked_at: datetime
    sent_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackNews:
    """What a provider says happened. ``event_id`` is the same each time it says it."""

    provider: str
    event_id: str
    kind: NewsKind
    payment_id: PaymentId
    refund_id: RefundId | None  # set exactly for the kinds of a refund
    amount_minor: int  # of the refund for the kinds of a refund
    currency: str | None  # None when the provider does not say
    provider_ref: str | None
    occurred_at: datetime


class Standing(StrEnum):
    """How a payment or refund stands at the provider."""

    OPEN = "open"  # a payment to be made; a refund under way
    DONE = "done"
    CLOSED = "closed"  # a payment that cannot be made any more; a refund that failed
    UNKNOWN = "unknown"  # the provider has never heard of it


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentStanding:
    standing: Standing
    amount_minor: int = 0
    currency: str | None = None
    provider_ref: str = ""
    since: datetime | None = None  # when it became DONE


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundStanding:
    standing: Standing
    amount_minor: int = 0
    provider_ref: str = ""
    since: datetime | None = None  # when it became DONE or CLOSED


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """Where a buyer pays from; decides which page a provider makes."""

    ip: str = "127.0.0.1"
    is_phone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PayPage:
    """``provider_ref`` is "" where a provider numbers a payment only once it is made."""

    provider_ref: str
    pay_url: str  # a page, or ``weixin://…`` to be shown as a code


@dataclass(frozen=True, slots=True, kw_only=True)
class Paid:
    """A payment as its provider knows it, when money goes back."""

    number: PaymentId  # our number there
    ref: str | None  # the provider's own
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackAnswer:
    """What a provider wants to read when its news was taken."""

    body: bytes
    media_type: str


class BillKind(StrEnum):
    PAYMENT = "payment"
    REFUND = "refund"
    PAYOUT = "payout"
    PAYOUT_RETURN = "payout_return"  # paid out, and sent back


@dataclass(frozen=True, slots=True, kw_only=True)
class BillRow:
    """A movement in a provider's bill. Amounts are positive; the kind gives the direction."""

    line: int  # in the file, counted from 1
    kind: BillKind
    payment_id: PaymentId | None  # None: not a number of ours
    refund_id: RefundId | None
    payout_id: int | None = None  # of a shop's withdrawal
    number: str  # our number as the bill has it
    provider_ref: str
    amount_minor: int
    fee_minor: int  # what the provider keeps; negative when it gives a fee back
    is_done: bool  # False: under way or failed
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class BillTotals:
    """The bill's own sums, when it has some; each None otherwise."""

    paid_minor: int | None = None
    refunded_minor: int | None = None
    fee_minor: int | None = None
    rows: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """``others``: movements that are neither payments nor refunds (payouts, adjustments), minor."""

    provider: str
    day: date
    zone: str
    rows: tuple[BillRow, ...]
    totals: BillTotals
    others: tuple[tuple[str, int], ...] = ()


class PaymentNotFound(Refusal):
    kind, code = Kind.NOT_FOUND, "payments.not_found"
    text = "There is no such payment."


class PaymentNotOpen(Refusal):
    kind, code = Kind.CONFLICT, "payments.not_open"
    text = "This can no longer be paid. It was paid, cancelled, or its time is over."


class ProviderAway(Refusal):
    kind, code = Kind.UNAVAILABLE, "payments.provider_away"
    text = "The payment service does not answer just now. You were not charged; try again shortly."


class ProviderUnknown(Refusal):
    kind, code = Kind.NOT_FOUND, "payments.provider_unknown"
    text = "There is no such payment service."


class BadSignature(Refusal):
    kind, code = Kind.UNAUTHORISED, "payments.bad_signature"
    text = "The signature of this message does not hold."


class OtherMerchant(Refusal):
    kind, code = Kind.FORBIDDEN, "payments.other_merchant"
    text = "This message is meant for another merchant."


class ProviderNotOffered(Refusal):
    kind, code = Kind.INVALID, "payments.provider_not_offered"
    text = "This way of paying is not on offer. Choose another one."


class BillUnreadable(Refusal):
    kind, code = Kind.INVALID, "payments.bill_unreadable"
    text = "This bill cannot be read: {detail}"


class NewsUnreadable(Refusal):
    kind, code = Kind.INVALID, "payments.news_unreadable"
    text = "This message cannot be read."


class RefundNotFound(Refusal):
    kind, code = Kind.NOT_FOUND, "payments.refund_not_found"
    text = "There is no such refund."


class RefundNotFailed(Refusal):
    kind, code = Kind.CONFLICT, "payments.refund_not_failed"
    text = "Only a failed refund can be sent again."
