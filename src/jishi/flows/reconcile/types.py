"""The words of this flow."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from jishi.kit import errors
from jishi.kit.errors import Refusal
from jishi.kit.text import mark as _


class What(StrEnum):
    PAYMENT = "payment"
    REFUND = "refund"
    PAYOUT = "payout"
    PAYOUT_RETURN = "payout_return"
    BILL = "bill"


class Kind(StrEnum):
    MISSING_OURS = "missing_ours"
    MISSING_THEIRS = "missing_theirs"
    AMOUNT_DIFFERS = "amount_differs"
    STATE_DIFFERS = "state_differs"
    DAY_DIFFERS = "day_differs"
    TWICE = "twice"
    TOTAL = "total"  # the bill's own sums are not those of its rows
    OTHER = "other"  # neither payment nor refund: payouts, adjustments, disputes
    FEE = "fee"


KIND_WORDS: Final[Mapping[str, str]] = {
    Kind.MISSING_OURS: _("Missing in our books"),
    Kind.MISSING_THEIRS: _("Missing in the bill"),
    Kind.AMOUNT_DIFFERS: _("Other amount"),
    Kind.STATE_DIFFERS: _("Other state"),
    Kind.DAY_DIFFERS: _("Other day"),
    Kind.TWICE: _("Twice in the bill"),
    Kind.TOTAL: _("The bill does not add up"),
    Kind.OTHER: _("Another movement"),
    Kind.FEE: _("The provider's fee"),
}
# Seen and kept, but nothing anybody must explain.
NOTED_KINDS: Final = frozenset({Kind.FEE})
NOTED_OTHERS: Final = frozenset({"payout", "payout_reversal", "fee", "network_cost"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Ours:
    """A payment, refund or payout of ours, under the number its provider knows."""

    what: What
    id: int
    number: int
    amount_minor: int
    state: str
    is_done: bool
    at: datetime | None  # when it was paid, confirmed, paid out or came back


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """``their_minor − our_minor`` is what it explains of the difference of the sums."""

    kind: Kind
    what: What
    number: str
    subject_id: int | None = None
    provider_ref: str = ""
    their_minor: int = 0
    our_minor: int = 0
    our_state: str = ""
    line: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    their_payments: int = 0
    their_refunds: int = 0
    their_paid_minor: int = 0
    their_refunded_minor: int = 0
    their_fee_minor: int = 0
    our_payments: int = 0
    our_refunds: int = 0
    our_paid_minor: int = 0
    our_refunded_minor: int = 0
    their_payouts: int = 0
    their_paid_out_minor: int = 0
    their_came_back_minor: int = 0
    our_payouts: int = 0
    our_paid_out_minor: int = 0
    our_came_back_minor: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckHead:
    provider: str
    day: date
    zone: str
    file_name: str
    digest: str
    operator_id: int | None


class FileMissing(Refusal):
    kind, code = errors.Kind.INVALID, "reconcile.file_missing"
    text = "Choose the file of a bill."


class BillAway(Refusal):
    kind, code = errors.Kind.UNAVAILABLE, "reconcile.bill_away"
    text = "The provider gives no bill of that day just now: {detail}"


class DifferenceNotOpen(Refusal):
    kind, code = errors.Kind.CONFLICT, "reconcile.not_open"
    text = "This difference is explained already, or gone."


class NoteMissing(Refusal):
    kind, code = errors.Kind.INVALID, "reconcile.note_missing"
    text = "Write in a few words what explains it."
