"""Who may rule on a dispute, when, and what a ruling must say. Pure."""

from dataclasses import dataclass
from datetime import datetime

from jishi.kit.ids import AccountId
from jishi.modules.aftersale.rules_ask import Facts
from jishi.modules.aftersale.types import (
    CLAIM_FOR,
    IN_DISPUTE,
    REASONS_MAX,
    Case,
    CaseKind,
    CaseState,
    Decision,
    Ruling,
)
from jishi.modules.aftersale.types_refusals import (
    ClaimedByOther,
    EvidenceOpen,
    NothingToReturn,
    NotInDispute,
    PartyRules,
    ReasonsMissing,
    RuleUnknown,
    RulingAmount,
    RulingTooLate,
    SameOperator,
    TextTooLong,
)
from jishi.modules.aftersale.types_rules import BY_CODE, SILENCE

BY_CLOCK = "No operator ruled in time."


@dataclass(frozen=True, slots=True, kw_only=True)
class RulingAsked:
    """What an operator decides. ``amount_minor`` only for a part."""

    operator_id: AccountId
    decision: Decision
    amount_minor: int | None = None
    goods_back: bool = False
    rule_code: str = ""
    reasons: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hearing:
    """Who the operator is to the case, and whether both sides were heard since it came here."""

    is_party: bool
    both_heard: bool


def check_operator(
    case: Case, operator_id: AccountId, facts: Facts, hearing: Hearing, at: datetime
) -> None:
    """Raises NotInDispute, RulingTooLate, PartyRules, SameOperator, ClaimedByOther."""
    if case.state not in IN_DISPUTE:
        raise NotInDispute(state=case.state.value)
    if case.deadline is not None and at >= case.deadline:
        raise RulingTooLate
    if hearing.is_party:
        raise PartyRules
    first = facts.last_ruling
    if case.state is CaseState.APPEALED and first and first.operator_id == operator_id:
        raise SameOperator
    if case.claimed_by not in (None, operator_id) and not _is_stale(case, at):
        raise ClaimedByOther


def ruling(case: Case, asked: RulingAsked, facts: Facts, hearing: Hearing, at: datetime) -> Ruling:
    """The ruling ``asked`` for, with its rule as it stands. Raises also EvidenceOpen, RuleUnknown,
    RulingAmount, NothingToReturn, ReasonsMissing, TextTooLong."""
    check_operator(case, asked.operator_id, facts, hearing, at)
    if not hearing.both_heard and case.evidence_until is not None and at < case.evidence_until:
        raise EvidenceOpen
    rule = BY_CODE.get(asked.rule_code)
    if rule is None:
        raise RuleUnknown(field="rule_code")
    if not asked.reasons:
        raise ReasonsMissing(field="reasons")
    if len(asked.reasons) > REASONS_MAX:
        raise TextTooLong(field="reasons", limit=REASONS_MAX)
    goods_back = asked.goods_back and asked.decision is not Decision.SHOP
    if goods_back and (facts.is_sent_back or not facts.line.at_buyer):
        raise NothingToReturn(field="goods_back")
    return Ruling(
        round=_round(case),
        operator_id=asked.operator_id,
        decision=asked.decision,
        amount_minor=_amount(case, asked),
        goods_back=goods_back,
        rule_code=rule.code,
        rule_version=rule.version,
        reasons=asked.reasons,
        ruled_at=at,
    )


def ruling_by_clock(case: Case, facts: Facts, at: datetime) -> Ruling | None:
    """What is decided when no operator ruled on a dispute in time; on an appeal the first one stands."""
    if case.state is not CaseState.DISPUTED:
        return None
    returns = case.kind in (CaseKind.RETURN, CaseKind.EXCHANGE) and not facts.is_sent_back
    return Ruling(
        round=1,
        operator_id=None,
        decision=Decision.BUYER,
        amount_minor=case.amount_minor,
        goods_back=returns and facts.line.at_buyer > 0,
        rule_code=SILENCE,
        rule_version=BY_CODE[SILENCE].version,
        reasons=BY_CLOCK,
        ruled_at=at,
    )


def _amount(case: Case, asked: RulingAsked) -> int:
    if asked.decision is Decision.SHOP:
        return 0
    if asked.decision is Decision.BUYER:
        return case.amount_minor
    if not asked.amount_minor or not 0 < asked.amount_minor < case.amount_minor:
        raise RulingAmount(field="amount", amount_minor=case.amount_minor)
    return asked.amount_minor


def _round(case: Case) -> int:
    return 2 if case.state is CaseState.APPEALED else 1


def _is_stale(case: Case, at: datetime) -> bool:
    return case.claimed_at is not None and at >= case.claimed_at + CLAIM_FOR
