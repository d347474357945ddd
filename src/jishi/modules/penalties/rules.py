"""What a case must carry, who may take which step when, and what the clock does. Pure."""

from collections.abc import Sequence
from datetime import datetime

from jishi.kit.errors import Refusal
from jishi.modules.penalties.types import (
    EVIDENCE_MAX,
    LIMIT_DAYS_MAX,
    LISTED_LEAST,
    PENALTIES_MAX,
    TEXT_MAX,
    AmountMissing,
    AnswerTooLate,
    AppealedAlready,
    AppealTooLate,
    BeyondRule,
    Case,
    CaseMoved,
    CaseState,
    EvidenceMissing,
    NewCase,
    NewPenalty,
    Outcome,
    PenaltyKind,
    PenaltyMissing,
    PenaltyTwice,
    PenaltyUnfit,
    RulingTooLate,
    SameOperator,
    ShopRule,
    StatementMissing,
    TextMissing,
    TooMuchEvidence,
)

_LASTING = frozenset({PenaltyKind.LISTING_LIMIT, PenaltyKind.SUSPENSION})


def problems(case: NewCase, rule: ShopRule) -> list[Refusal]:
    """Everything that stands against opening it, by field."""
    found: list[Refusal] = []
    if not 1 <= len(case.statement) <= TEXT_MAX:
        found.append(StatementMissing(field="statement", limit=TEXT_MAX))
    if not case.evidence:
        found.append(EvidenceMissing(field="evidence"))
    if len(case.evidence) > EVIDENCE_MAX:
        found.append(TooMuchEvidence(field="evidence", limit=EVIDENCE_MAX))
    if not 1 <= len(case.penalties) <= PENALTIES_MAX:
        found.append(PenaltyMissing(field="penalties"))
    kinds = [it.kind for it in case.penalties if it.kind is not PenaltyKind.PRODUCT_OFF]
    if len(kinds) != len(set(kinds)):
        found.append(PenaltyTwice(field="penalties"))
    for penalty in case.penalties:
        found += penalty_problems(penalty, rule)
    return found


def penalty_problems(it: NewPenalty, rule: ShopRule) -> list[Refusal]:
    """A penalty within its rule: its kind, amounts no higher than the rule's."""
    if it.kind not in rule.penalties:
        return [PenaltyUnfit(field=it.kind)]
    if it.kind is PenaltyKind.PRODUCT_OFF:
        return [] if it.product_id is not None else [AmountMissing(field=it.kind)]
    limits = {PenaltyKind.POINTS: rule.points_max, PenaltyKind.DEDUCTION: rule.deduction_max_minor}
    found: list[Refusal] = []
    if it.kind in limits:
        found += _within(it.kind, it.amount, limits[it.kind])
    if it.kind is PenaltyKind.LISTING_LIMIT and it.amount < LISTED_LEAST:
        found.append(AmountMissing(field=it.kind))
    if it.kind in _LASTING:
        is_limit = it.kind is PenaltyKind.LISTING_LIMIT
        found += _within(
            f"{it.kind}_days", it.days, LIMIT_DAYS_MAX if is_limit else rule.suspension_max_days
        )
    return found


def _within(field: str, amount: int, limit: int) -> list[Refusal]:
    if amount < 1:
        return [AmountMissing(field=field)]
    shown = f"{limit // 100:,}" if field == PenaltyKind.DEDUCTION else str(limit)
    return [BeyondRule(field=field, limit=shown)] if amount > limit else []


def check_text(text: str, *, field: str) -> str:
    """Raises TextMissing for nothing or too much."""
    plain = text.strip()
    if not 1 <= len(plain) <= TEXT_MAX:
        raise TextMissing(field=field, limit=TEXT_MAX)
    return plain


def check_answer(case: Case, *, now: datetime) -> None:
    """Raises AnswerTooLate from ``takes_effect_at`` on, CaseMoved when it was answered or dropped."""
    if case.state is CaseState.ANNOUNCED:
        if now >= case.takes_effect_at:
            raise AnswerTooLate
        return
    raise AnswerTooLate if case.state is CaseState.IN_FORCE else CaseMoved(state=case.state)


def check_ruling(case: Case, *, uphold: bool, now: datetime) -> None:
    """An answered case is ruled on within its time; one not answered can only be dropped, by its own time.

    Raises CaseMoved, RulingTooLate.
    """
    if case.state is CaseState.LAPSED:
        raise RulingTooLate
    if case.state is CaseState.ANSWERED:
        assert case.rule_by is not None
        if now >= case.rule_by:
            raise RulingTooLate
        return
    if case.state is not CaseState.ANNOUNCED or uphold:
        raise CaseMoved(state=case.state)
    if now >= case.takes_effect_at:
        raise RulingTooLate


def check_appeal(case: Case, *, now: datetime) -> None:
    """Raises AppealedAlready, AppealTooLate, CaseMoved."""
    if case.appealed_at is not None:
        raise AppealedAlready
    if case.state is CaseState.FINAL:
        raise AppealTooLate
    if case.state is not CaseState.IN_FORCE or case.appeal_until is None:
        raise CaseMoved(state=case.state)
    if now >= case.appeal_until:
        raise AppealTooLate


def check_judgement(case: Case, operator_id: int, *, now: datetime) -> None:
    """Raises SameOperator, RulingTooLate, CaseMoved."""
    if case.state is not CaseState.APPEALED or case.judge_by is None:
        raise RulingTooLate if case.judge_by is not None else CaseMoved(state=case.state)
    if operator_id in {case.opened_by, case.ruled_by}:
        raise SameOperator
    if now >= case.judge_by:
        raise RulingTooLate


def by_clock(case: Case, *, now: datetime) -> tuple[CaseState, Outcome] | None:
    """What the clock makes of a case; None while nothing is due.

    Unanswered it takes effect; answered and not ruled on it lapses; not appealed it stays for good;
    an appeal nobody judged is upheld.
    """
    due = {
        CaseState.ANNOUNCED: (case.takes_effect_at, CaseState.IN_FORCE, Outcome.APPLY),
        CaseState.ANSWERED: (case.rule_by, CaseState.LAPSED, Outcome.NOTHING),
        CaseState.IN_FORCE: (case.appeal_until, CaseState.FINAL, Outcome.NOTHING),
        CaseState.APPEALED: (case.judge_by, CaseState.REVERSED, Outcome.REVERSE),
    }.get(case.state)
    if due is None or due[0] is None or now < due[0]:
        return None
    return due[1], due[2]


def from_deposit(amount_minor: int, held_minor: int) -> tuple[int, int]:
    """What of a deduction the deposit pays, and what the shop owes instead."""
    taken = min(amount_minor, held_minor)
    return taken, amount_minor - taken


def given_back(from_deposit_minor: int, owed_minor: int, still_owed_minor: int) -> Sequence[int]:
    """A deduction taken back: to the deposit, off the debt, and to earnings that paid it meanwhile."""
    off = min(owed_minor, max(still_owed_minor, 0))
    return from_deposit_minor, off, owed_minor - off
