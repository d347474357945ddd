"""The words of this module: rules, cases, penalties, evidence, states, refusals."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import ClassVar, Final, NewType

from jishi.kit.errors import Kind, Refusal
from jishi.kit.ids import AccountId, ProductId, ShopId
from jishi.kit.text import mark as _

CaseId = NewType("CaseId", int)

TEXT_MAX: Final = 4000
EVIDENCE_MAX: Final = 30  # of one side
PENALTIES_MAX: Final = 10
LISTED_LEAST: Final = 1
LIMIT_DAYS_MAX: Final = 90
RULE_WITHIN: Final = timedelta(hours=72)  # after an answer; then the case lapses
APPEAL_WITHIN: Final = timedelta(days=7)  # after taking effect
JUDGE_WITHIN: Final = timedelta(days=7)  # after an appeal; then it is upheld
POINTS_COUNT: Final = timedelta(days=365)


class CaseState(StrEnum):
    ANNOUNCED = "announced"
    ANSWERED = "answered"
    IN_FORCE = "in_force"
    DROPPED = "dropped"
    LAPSED = "lapsed"
    APPEALED = "appealed"
    FINAL = "final"
    REVERSED = "reversed"


_S = CaseState
MOVES: Final[Mapping[CaseState, frozenset[CaseState]]] = {
    _S.ANNOUNCED: frozenset({_S.ANSWERED, _S.IN_FORCE, _S.DROPPED}),
    _S.ANSWERED: frozenset({_S.IN_FORCE, _S.DROPPED, _S.LAPSED}),
    _S.IN_FORCE: frozenset({_S.APPEALED, _S.FINAL}),
    _S.APPEALED: frozenset({_S.FINAL, _S.REVERSED}),
    _S.DROPPED: frozenset(),
    _S.LAPSED: frozenset(),
    _S.FINAL: frozenset(),
    _S.REVERSED: frozenset(),
}
STATE_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    _S.ANNOUNCED: (_("Announced"), "warn"),
    _S.ANSWERED: (_("Answered, to be ruled on"), "info"),
    _S.IN_FORCE: (_("In force"), "bad"),
    _S.DROPPED: (_("Dropped"), ""),
    _S.LAPSED: (_("Lapsed"), ""),
    _S.APPEALED: (_("Appealed"), "info"),
    _S.FINAL: (_("In force for good"), "bad"),
    _S.REVERSED: (_("Taken back"), "good"),
}
OPEN: Final = frozenset({_S.ANNOUNCED, _S.ANSWERED, _S.IN_FORCE, _S.APPEALED})


class PenaltyKind(StrEnum):
    WARNING = "warning"
    PRODUCT_OFF = "product_off"
    POINTS = "points"
    LISTING_LIMIT = "listing_limit"
    DEDUCTION = "deduction"
    SUSPENSION = "suspension"
    CLOSURE = "closure"


KIND_WORDS: Final[Mapping[str, str]] = {
    PenaltyKind.WARNING: _("Warning"),
    PenaltyKind.PRODUCT_OFF: _("Product taken off sale"),
    PenaltyKind.POINTS: _("Points"),
    PenaltyKind.LISTING_LIMIT: _("Limit of goods on sale"),
    PenaltyKind.DEDUCTION: _("Deduction from the deposit"),
    PenaltyKind.SUSPENSION: _("Shop suspended"),
    PenaltyKind.CLOSURE: _("Shop closed"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopRule:
    """One version of a published rule. ``answer_hours``: before a case under it takes effect."""

    code: str
    version: int
    title_en: str
    title_zh: str
    penalties: list[str]
    points_max: int
    deduction_max_minor: int
    suspension_max_days: int
    answer_hours: int
    in_force_from: date
    in_force_until: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPenalty:
    """``amount``: points, goods on sale at most, or minor units, by kind; ``days`` of limits, suspensions."""

    kind: PenaltyKind
    amount: int = 0
    days: int = 0
    product_id: ProductId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Penalty:
    position: int
    kind: PenaltyKind
    amount: int
    days: int
    product_id: ProductId | None
    state: str  # proposed · in_force · ended · reversed · void
    ends_at: datetime | None
    from_deposit_minor: int
    owed_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """``kind``: paper, order or product with ``subject_id``; note with a text alone."""

    kind: str
    subject_id: int | None = None
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCase:
    shop_id: ShopId
    rule_code: str
    statement: str
    penalties: Sequence[NewPenalty]
    evidence: Sequence[Evidence]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    id: CaseId
    shop_id: ShopId
    rule_code: str
    rule_version: int
    state: CaseState
    statement: str
    opened_by: AccountId
    opened_at: datetime
    takes_effect_at: datetime
    answer: str
    answered_at: datetime | None
    rule_by: datetime | None
    ruled_by: AccountId | None
    ruled_at: datetime | None
    ruling: str
    appeal_until: datetime | None
    appeal: str
    appealed_at: datetime | None
    judge_by: datetime | None
    judged_by: AccountId | None
    judged_at: datetime | None
    judgement: str
    version: int
    penalties: tuple[Penalty, ...]


class Outcome(StrEnum):
    """What the flow has to do after a step of a case."""

    NOTHING = "nothing"
    APPLY = "apply"  # its penalties take effect
    REVERSE = "reverse"  # its penalties are taken back


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseOpened:
    topic: ClassVar[str] = "penalties.opened"
    subject_id: int
    shop_id: ShopId
    rule_code: str
    occurred_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseTookEffect:
    topic: ClassVar[str] = "penalties.took_effect"
    subject_id: int
    shop_id: ShopId
    rule_code: str
    occurred_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseReversed:
    topic: ClassVar[str] = "penalties.reversed"
    subject_id: int
    shop_id: ShopId
    rule_code: str
    occurred_at: datetime


class CaseNotFound(Refusal):
    kind, code = Kind.NOT_FOUND, "penalties.not_found"
    text = "There is no such case."


class CaseMoved(Refusal):
    kind, code = Kind.CONFLICT, "penalties.moved"
    text = "The case has moved on meanwhile. Reload the page to see where it stands."


class RuleUnknown(Refusal):
    code, text = "penalties.rule_unknown", "Choose a rule that is in force."


class StatementMissing(Refusal):
    code, text = "penalties.statement_missing", "Write what happened, at most {limit} characters."


class EvidenceMissing(Refusal):
    code = "penalties.evidence_missing"
    text = "No penalty without evidence: add a picture, an order, a product or a note."


class EvidenceUnknown(Refusal):
    code = "penalties.evidence_unknown"
    text = "{number} is not an order, product or picture of this shop."


class TooMuchEvidence(Refusal):
    code, text = "penalties.too_much_evidence", "At most {limit} pieces of evidence from one side."


class PenaltyMissing(Refusal):
    code, text = "penalties.penalty_missing", "Choose at least one penalty."


class PenaltyUnfit(Refusal):
    code, text = "penalties.penalty_unfit", "The rule does not provide this penalty."


class PenaltyTwice(Refusal):
    code, text = "penalties.penalty_twice", "Each penalty can be given once in a case."


class BeyondRule(Refusal):
    code, text = "penalties.beyond_rule", "The rule allows at most {limit}."


class AmountMissing(Refusal):
    code, text = "penalties.amount_missing", "Write how much: a whole number above nothing."


class TextMissing(Refusal):
    code, text = "penalties.text_missing", "Write a few words, at most {limit} characters."


class AnswerTooLate(Refusal):
    kind, code = Kind.CONFLICT, "penalties.answer_too_late"
    text = "The time to answer has passed. The ruling can be appealed."


class RulingTooLate(Refusal):
    kind, code = Kind.CONFLICT, "penalties.ruling_too_late"
    text = "The time to rule has passed: the clock decides this case."


class AppealTooLate(Refusal):
    kind, code = Kind.CONFLICT, "penalties.appeal_too_late"
    text = "The time to appeal has passed."


class AppealedAlready(Refusal):
    kind, code = Kind.CONFLICT, "penalties.appealed_already"
    text = "A ruling can be appealed once. This one was."


class SameOperator(Refusal):
    kind, code = Kind.FORBIDDEN, "penalties.same_operator"
    text = "Who opened or ruled on the case cannot judge its appeal. Another operator does."
