"""The words of applications: kinds, states, papers, refusals."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar, Final, NewType

from jishi.kit.errors import Kind, Refusal
from jishi.kit.ids import AccountId, ShopId
from jishi.kit.text import mark as _
from jishi.modules.shops.types import ShopKind

ApplicationId = NewType("ApplicationId", int)

REVIEW_DAYS: Final = 2  # working days an operator has
CLAIM_LIFE: Final = timedelta(hours=4)  # then another operator may take it over
NOTE_MAX: Final = 1000
WORD_MAX: Final = 120
# source: Order 37 of SAMR (2021), article 8: individuals need no registration up to here in a year
SALES_LIMIT_MINOR: Final = 10_000_000
# How many shops of a kind one owner may have.
OWNED_MAX: Final[Mapping[ShopKind, int]] = {
    ShopKind.INDIVIDUAL: 1,
    ShopKind.SECOND_HAND: 1,
    ShopKind.BUSINESS: 10,
    ShopKind.FLAGSHIP: 5,
}
APPLIED: Final = frozenset(OWNED_MAX)
OF_PERSONS: Final = frozenset({ShopKind.INDIVIDUAL, ShopKind.SECOND_HAND})


class ApplicationState(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    UNDER_REVIEW = "under_review"
    APPROVED = "approved"
    SENT_BACK = "sent_back"
    WITHDRAWN = "withdrawn"


_S = ApplicationState
MOVES: Final[Mapping[ApplicationState, frozenset[ApplicationState]]] = {
    _S.DRAFT: frozenset({_S.SUBMITTED, _S.WITHDRAWN}),
    _S.SUBMITTED: frozenset({_S.UNDER_REVIEW, _S.APPROVED, _S.WITHDRAWN}),
    _S.UNDER_REVIEW: frozenset({_S.APPROVED, _S.SENT_BACK, _S.SUBMITTED, _S.WITHDRAWN}),
    _S.SENT_BACK: frozenset({_S.SUBMITTED, _S.WITHDRAWN}),
    _S.APPROVED: frozenset(),
    _S.WITHDRAWN: frozenset(),
}
OPEN: Final = frozenset({_S.DRAFT, _S.SUBMITTED, _S.UNDER_REVIEW, _S.SENT_BACK})
EDITED: Final = frozenset({_S.DRAFT, _S.SENT_BACK})

# Reasons an operator sends a field back for.
REASONS: Final[Mapping[str, str]] = {
    "unreadable": _("The picture cannot be read"),
    "differs": _("It differs from the paper"),
    "expired": _("The paper is no longer valid"),
    "wrong_paper": _("This is another kind of paper"),
    "not_found": _("The authority's register does not know it"),
    "not_covered": _("The paper does not cover what the shop sells"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Papers:
    """What an application says. ``id_number`` stands only in what was just typed, never in what is kept."""

    kind: ShopKind
    real_name: str = ""
    id_number: str = ""
    id_number_masked: str = ""
    id_number_hash: bytes | None = None
    company_name: str = ""
    registration_number: str = ""
    legal_person: str = ""
    licence_paper_id: int | None = None
    licence_until: date | None = None
    brand: str = ""
    trademark_number: str = ""
    authorisation_paper_id: int | None = None
    authorisation_from: date | None = None
    authorisation_until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    id: ApplicationId
    shop_id: ShopId
    applicant_id: AccountId
    state: ApplicationState
    papers: Papers
    findings: list[dict[str, Any]]
    problems: list[dict[str, Any]]  # {"field", "code"}: why it was sent back
    note: str
    version: int
    created_at: datetime
    updated_at: datetime
    submitted_at: datetime | None
    due_at: datetime | None
    claimed_by: AccountId | None
    claimed_at: datetime | None
    decided_by: AccountId | None
    decided_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopApproved:
    topic: ClassVar[str] = "shops.approved"
    subject_id: int
    kind: str
    application_id: ApplicationId
    occurred_at: datetime


class ApplicationNotFound(Refusal):
    kind, code = Kind.NOT_FOUND, "shops.application_not_found"
    text = "There is no such application."


class ApplicationMoved(Refusal):
    kind, code = Kind.CONFLICT, "shops.application_moved"
    text = "The application has moved on meanwhile. Reload the page to see where it stands."


class ApplicationOpen(Refusal):
    kind, code = Kind.CONFLICT, "shops.application_open"
    text = "An application of this shop is open already."


class KindUnknown(Refusal):
    code, text = "shops.kind_unknown", "Choose what kind of shop it is."


class PaperMissing(Refusal):
    code, text = "shops.paper_missing", "Add the picture of this paper."


class PaperUnknown(Refusal):
    code, text = "shops.paper_unknown", "This picture is not among the shop's papers. Add it again."


class WordMissing(Refusal):
    code, text = "shops.word_missing", "Fill this in before submitting."


class RegistrationInvalid(Refusal):
    code = "shops.registration_invalid"
    text = (
        "This is not a unified social credit code: 18 characters whose last one checks the others."
    )


class RegistrationTaken(Refusal):
    kind, code = Kind.CONFLICT, "shops.registration_taken"
    text = "Another owner's shop stands under this number."


class IdNumberInvalid(Refusal):
    code = "shops.id_number_invalid"
    text = "This is not an identity number: day of birth and last digit must fit."


class TrademarkInvalid(Refusal):
    code, text = "shops.trademark_invalid", "This is not a trademark registration number."


class PaperExpired(Refusal):
    code, text = "shops.paper_expired", "This paper is no longer valid."


class PaperNotYet(Refusal):
    code, text = "shops.paper_not_yet", "This paper is not valid yet."


class DatesTurned(Refusal):
    code, text = "shops.dates_turned", "The last day lies before the first."


class KindFull(Refusal):
    kind, code = Kind.CONFLICT, "shops.kind_full"
    text = "One owner can have at most {limit} shops of this kind."


class PapersBound(Refusal):
    kind, code = Kind.CONFLICT, "shops.papers_bound"
    text = "This shop was approved on its owner's own papers; it cannot have another owner."


class ClaimedByOther(Refusal):
    kind, code = Kind.CONFLICT, "shops.claimed_by_other"
    text = "Another operator is looking at this. It is free again four hours after it was taken."


class ClaimFirst(Refusal):
    kind, code = Kind.CONFLICT, "shops.claim_first"
    text = "Take it on first: only who looks at it can decide."


class ReasonMissing(Refusal):
    code, text = "shops.reason_missing", "Say for at least one field why it comes back."


class OwnShop(Refusal):
    kind, code = Kind.FORBIDDEN, "shops.own_shop"
    text = "You work in this shop. Another operator decides."
