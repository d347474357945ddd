"""The words of this module: deposits, their moves, refusals."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, NewType

from jishi.kit.errors import Kind, Refusal
from jishi.kit.ids import AccountId, ShopId

MoveId = NewType("MoveId", int)

REFERENCE_MAX: Final = 64
AMOUNT_MAX_MINOR: Final = 100_000_000
TOP_UP: Final = timedelta(days=7)  # to pay what lacks; then the shop is suspended
RETURN_AFTER: Final = timedelta(days=30)  # after closing, once no order or case is open


class MoveKind(StrEnum):
    BANK = "bank"  # a transfer an operator saw arrive
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
    """``amount_minor`` positive: came to the deposit. ``subject_id``: the case, or the move itself."""

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
