"""The words of the sandbox: what is asked, what is answered, states, behaviours. No I/O."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from jishi.kit.errors import Kind, Refusal

MerchantNo = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_\-]{1,64}$")]
AmountMinor = Annotated[int, Meta(ge=1, le=10**12)]
Currency = Annotated[str, Meta(pattern=r"^[A-Z]{3}$")]
Url = Annotated[str, Meta(min_length=1, max_length=1024)]
DelaySeconds = Annotated[int, Meta(ge=0, le=86_400)]
Instant = Annotated[datetime, Meta(tz=True)]


class State(StrEnum):
    OPEN = "open"
    PAID = "paid"
    CLOSED = "closed"


class RefundState(StrEnum):
    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


class Behaviour(StrEnum):
    """How the news of a payment travels."""

    PROMPT = "prompt"
    LATE = "late"  # after ``seconds``
    TWICE = "twice"
    OUT_OF_ORDER = "out_of_order"  # news of a close first, of the payment ``seconds`` later
    SILENT = "silent"  # never: only an answer to a query
    FAIL = "fail"  # the attempt is declined; nothing is taken and the payment stays open


class RefundBehaviour(StrEnum):
    SUCCEED = "succeed"
    FAIL = "fail"  # once; asked for again it succeeds
    SILENT = "silent"  # succeeds, but only a query tells


class Method(StrEnum):
    WALLET = "wallet"
    BANK = "bank"


class Event(StrEnum):
    PAID = "payment.paid"
    CLOSED = "payment.closed"
    REFUNDED = "refund.succeeded"
    REFUND_FAILED = "refund.failed"
    RETURNED = "transfer.returned"  # by the bank: paid out, and sent back


class CreatePayment(Struct, forbid_unknown_fields=True):
    out_trade_no: MerchantNo
    amount_minor: AmountMinor
    currency: Currency
    subject: Annotated[str, Meta(min_length=1, max_length=128)]
    notify_url: Url
    return_url: Url
    expires_at: Instant


class PayNow(Struct, forbid_unknown_fields=True):
    behaviour: Behaviour = Behaviour.PROMPT
    seconds: DelaySeconds = 5
    refunds: RefundBehaviour = RefundBehaviour.SUCCEED
    method: Method = Method.WALLET


class CreateRefund(Struct, forbid_unknown_fields=True):
    out_refund_no: MerchantNo
    out_trade_no: MerchantNo
    amount_minor: AmountMinor
    reason: Annotated[str, Meta(max_length=128)] = ""


class Payment(Struct, frozen=True, kw_only=True):
    trade_no: str
    out_trade_no: str
    amount_minor: int
    currency: str
    subject: str
    notify_url: str
    return_url: str
    state: State
    created_at: datetime
    expires_at: datetime
    paid_at: datetime | None
    closed_at: datetime | None
    method: Method | None
    refund_behaviour: RefundBehaviour
    refunded_minor: int  # asked for and not failed


class Refund(Struct, frozen=True, kw_only=True):
    refund_no: str
    out_refund_no: str
    out_trade_no: str
    amount_minor: int
    currency: str
    reason: str
    state: RefundState
    asked_at: datetime
    ended_at: datetime | None
    tries: int  # how often it was asked for, failures included


class News(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The body of a callback. ``id`` is the event's: sent again, it is the same."""

    id: str
    event: Event
    out_trade_no: str
    trade_no: str
    amount_minor: int  # of the refund when the event is a refund's
    currency: str
    occurred_at: datetime
    paid_at: datetime | None = None
    out_refund_no: str | None = None
    refund_no: str | None = None

    @property
    def subject(self) -> str:
        """The merchant's number the news is about."""
        return self.out_trade_no


class BankNews(Struct, frozen=True, kw_only=True):
    """The body of a callback of the bank."""

    id: str
    event: Event
    out_transfer_no: str
    transfer_no: str
    amount_minor: int
    currency: str
    occurred_at: datetime

    @property
    def subject(self) -> str:
        return self.out_transfer_no


class Sending(Struct, frozen=True, kw_only=True):
    """One piece of news on its way to one address, due at an instant."""

    news: News | BankNews
    notify_url: str
    due_at: datetime


class BadRequest(Refusal):
    kind, code = Kind.INVALID, "sandbox.bad_request"
    text = "The request does not read: {detail}"


class BadSignature(Refusal):
    kind, code = Kind.UNAUTHORISED, "sandbox.bad_signature"
    text = "The signature does not hold: {detail}"


class AddressNotAllowed(Refusal):
    kind, code = Kind.INVALID, "sandbox.address_not_allowed"
    text = "{field} must lie on this machine or on the allow-list."


class PaymentNotFound(Refusal):
    kind, code = Kind.NOT_FOUND, "sandbox.payment_not_found"
    text = "There is no such payment."


class RefundNotFound(Refusal):
    kind, code = Kind.NOT_FOUND, "sandbox.refund_not_found"
    text = "There is no such refund."


class NumberTaken(Refusal):
    kind, code = Kind.CONFLICT, "sandbox.number_taken"
    text = "This number was used before with other contents."


class AlreadyPaid(Refusal):
    kind, code = Kind.CONFLICT, "sandbox.already_paid"
    text = "The payment is already paid."


class PaymentClosed(Refusal):
    kind, code = Kind.CONFLICT, "sandbox.payment_closed"
    text = "The payment is closed."


class NotPaid(Refusal):
    kind, code = Kind.CONFLICT, "sandbox.not_paid"
    text = "The payment is not paid."


class RefundTooLarge(Refusal):
    kind, code = Kind.CONFLICT, "sandbox.refund_too_large"
    text = "Only {left_minor} of the payment is left to refund."
