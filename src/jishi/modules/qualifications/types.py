"""The words of this module: kinds of permits, permits, states, refusals."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final, NewType

from jishi.kit.errors import Kind, Refusal
from jishi.kit.ids import AccountId, ShopId
from jishi.kit.text import mark as _

QualificationId = NewType("QualificationId", int)

NUMBER_MAX: Final = 40
NOTE_MAX: Final = 1000
CLAIM_LIFE: Final = timedelta(hours=4)
NOTICE_DAYS: Final = (30, 7, 0)  # before the last day; 0: it has ended

REASONS: Final[Mapping[str, str]] = {
    "unreadable": _("The picture cannot be read"),
    "differs": _("It differs from the paper"),
    "expired": _("The paper is no longer valid"),
    "wrong_paper": _("This is another kind of paper"),
    "not_found": _("The authority's register does not know it"),
    "not_covered": _("The paper does not cover what the shop sells"),
}


class QualificationState(StrEnum):
    SUBMITTED = "submitted"
    UNDER_REVIEW = "under_review"
    APPROVED = "approved"
    SENT_BACK = "sent_back"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class QualificationKind:
    code: str
    name_en: str
    name_zh: str
    number_pattern: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NewQualification:
    """A permit as a shop hands it in. ``valid_until`` is its last day; None: without end."""

    kind: str
    number: str
    paper_id: int | None
    valid_from: date | None
    valid_until: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Qualification:
    id: QualificationId
    shop_id: ShopId
    kind: str
    number: str
    paper_id: int
    valid_from: date
    valid_until: date | None
    state: QualificationState
    reason: str
    note: str
    submitted_by: AccountId
    submitted_at: datetime
    due_at: datetime
    claimed_by: AccountId | None
    claimed_at: datetime | None
    decided_by: AccountId | None
    decided_at: datetime | None

    def is_valid(self, today: date) -> bool:
        """Whether it counts on ``today``."""
        ended = self.valid_until is not None and self.valid_until < today
        return self.state is QualificationState.APPROVED and self.valid_from <= today and not ended


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """A permit whose end is near or has come: what to tell, and which goods it concerned."""

    id: QualificationId
    shop_id: ShopId
    kind: str
    valid_until: date
    days: int  # 30, 7 or 0


class QualificationNotFound(Refusal):
    kind, code = Kind.NOT_FOUND, "qualifications.not_found"
    text = "There is no such permit."


class QualificationMoved(Refusal):
    kind, code = Kind.CONFLICT, "qualifications.moved"
    text = "The permit has moved on meanwhile. Reload the page to see where it stands."


class QualificationWaiting(Refusal):
    kind, code = Kind.CONFLICT, "qualifications.waiting"
    text = "A permit of this kind is being looked at already. Withdraw it to hand in another."


class QualificationMissing(Refusal):
    kind, code = Kind.CONFLICT, "qualifications.missing"
    text = "Goods of this category need: {name}. Hand it in under Standing, Permits."


class KindUnknown(Refusal):
    code, text = "qualifications.kind_unknown", "Choose which permit it is."


class NumberInvalid(Refusal):
    code, text = "qualifications.number_invalid", "A {name} has no such number."


class PaperMissing(Refusal):
    code, text = "qualifications.paper_missing", "Add a picture of the permit."


class DateMissing(Refusal):
    code, text = "qualifications.date_missing", "Write the first day it is valid."


class DatesTurned(Refusal):
    code, text = "qualifications.dates_turned", "The last day lies before the first."


class Expired(Refusal):
    code, text = "qualifications.expired", "This permit is no longer valid."


class ClaimedByOther(Refusal):
    kind, code = Kind.CONFLICT, "qualifications.claimed_by_other"
    text = "Another operator is looking at this. It is free again four hours after it was taken."


class ClaimFirst(Refusal):
    kind, code = Kind.CONFLICT, "qualifications.claim_first"
    text = "Take it on first: only who looks at it can decide."


class ReasonMissing(Refusal):
    code, text = "qualifications.reason_missing", "Say why it comes back."
