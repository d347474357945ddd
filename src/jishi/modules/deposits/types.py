"""The words of this module: deposits, their moves, refusals."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, NewType

from jishi.kit.errors import Kind, Refusal
from jishi.kit.ids import AccountId, PaymentId, ShopId

MoveId = NewType("MoveId", int)

REFERENCE_MAX: Final = 64
AMOUNT_MAX_MINOR: Final = 100_000_000
TOP_UP: Final = timedelta(days=7)  # to pay what lacks; then the shop is suspended
RETURN_AFTER: Final = timedelta(days=30)  # after closing, once no order or case is open
PAY_WITHIN: Final = timedelta(
    minutes=30
)  # of asking for a payment; what comes later is taken all the same
PAYMENTS_OPEN_MAX: Final = 5  # of a shop


class MoveKind(StrEnum):
    BANK = "bank"  # a transfer an operator saw arrive
    PROVIDER = "provider"  # paid through a payment provider
    PAYABLE = "payable"  # from what the shop earned
    PENALTY = "penalty"
    PENALTY_BACK = "penalty_back"
    RETURN = "return"  # after closing


@dataclass(frozen=True, slots=True, kw_only=True)
class Deposit:
    """Minor units. ``due_at``: what lacks is to be paid by then; None: nothing lacks."""

    shop_id: ShopId
    required_minor: int
    held_minor: int
    due_at: datetime | None
    return_due_at: datetime | None
    returned_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DepositMove:
    """``amount_minor`` positive: came to the deposit. ``subject_id``: the case, the payment, or the move
    itself."""

    id: MoveId
    shop_id: ShopId
    kind: MoveKind
    amount_minor: int
    subject_id: int
    occurred_at: datetime
    reference: str = ""
    paper_id: int | None = None
    actor_id: AccountId | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DepositPayment:
    """A payment a shop asked for to fill its deposit; the payment itself is the provider's business."""

    payment_id: PaymentId
    shop_id: ShopId
    provider: str
    amount_minor: int
    asked_by: AccountId
    expires_at: datetime
    taken_at: datetime | None  # when its money reached the deposit


class PaymentsOpen(Refusal):
    kind, code = Kind.LIMITED, "deposits.payments_open"
    text = (
        "{most} payments wait to be paid already. Pay one of them, or wait until they have lapsed."
    )


class PaymentNotFound(Refusal):
    kind, code = Kind.NOT_FOUND, "deposits.payment_not_found"
    text = "There is no such payment."


class AmountInvalid(Refusal):
    code, text = "deposits.amount_invalid", "Write an amount from 0.01 to {limit}."


class NotEarned(Refusal):
    kind, code = Kind.CONFLICT, "deposits.not_earned"
    text = "Only {amount} of the shop's earnings is free."


class ReferenceMissing(Refusal):
    code, text = (
        "deposits.reference_missing",
        "Write the bank's reference, at most {limit} characters.",
    )


class ReferenceTaken(Refusal):
    kind, code = Kind.CONFLICT, "deposits.reference_taken"
    text = "A transfer with this reference has been recorded already."
