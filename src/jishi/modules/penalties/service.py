"""What the rest of Jishi may ask of cases. Each call runs inside the caller's transaction."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Final

from jishi.db import Tx, outbox
from jishi.kit.errors import Refusals
from jishi.kit.ids import AccountId, ShopId
from jishi.modules.penalties import rules, storage
from jishi.modules.penalties.types import (
    APPEAL_WITHIN,
    EVIDENCE_MAX,
    JUDGE_WITHIN,
    POINTS_COUNT,
    RULE_WITHIN,
    Case,
    CaseId,
    CaseNotFound,
    CaseOpened,
    CaseReversed,
    CaseState,
    CaseTookEffect,
    Evidence,
    NewCase,
    Outcome,
    RuleUnknown,
    ShopRule,
    TooMuchEvidence,
)

BATCH: Final = 50


async def list_rules(tx: Tx, code: str | None = None, version: int | None = None) -> list[ShopRule]:
    """Versions of published rules, by code and the newest first; at most 500."""
    return await storage.rules(tx, code, version)


async def open_case(
    tx: Tx,
    case: NewCase,
    *,
    case_id: CaseId,
    operator_id: AccountId,
    today: date,
    now: datetime,
) -> Case:
    """Announce a case under the rule's version of today. Raises RuleUnknown, Refusals by field.

    It takes effect by itself after the rule's hours, unless the shop answers before.
    """
    rule = await storage.rule_of_day(tx, case.rule_code, today)
    if rule is None:
        raise RuleUnknown(field="rule_code")
    problems = rules.problems(case, rule)
    if problems:
        raise Refusals(problems)
    takes_effect_at = now + timedelta(hours=rule.answer_hours)
    await storage.insert_case(
        tx,
        case_id,
        case,
        rule,
        opened_by=operator_id,
        takes_effect_at=takes_effect_at,
        now=now,
    )
    event = CaseOpened(
        subject_id=case_id, shop_id=case.shop_id, rule_code=rule.code, occurred_at=now
    )
    await outbox.append(tx, [event])
    return await get_case(tx, case_id)


async def get_case(tx: Tx, case_id: CaseId) -> Case:
    """Raises CaseNotFound."""
    found = await storage.find_case(tx, case_id)
    if found is None:
        raise CaseNotFound
    return found


async def lock_case(tx: Tx, case_id: CaseId, *, shop_id: ShopId | None = None) -> Case:
    """The case (of the shop), held until ``tx`` ends. Raises CaseNotFound."""
    found = await storage.lock_case(tx, case_id)
    if found is None or (shop_id is not None and found.shop_id != shop_id):
        raise CaseNotFound
    return found


async def answer(
    tx: Tx,
    case: Case,
    text: str,
    evidence: Sequence[Evidence],
    *,
    actor_id: AccountId,
    now: datetime,
) -> None:
    """The shop's side, before the case takes effect. Raises AnswerTooLate, CaseMoved, TextMissing."""
    rules.check_answer(case, now=now)
    words = rules.check_text(text, field="answer")
    await _add_evidence(tx, case, evidence, by=actor_id, now=now)
    rule_by = now + RULE_WITHIN
    after = replace(case, state=CaseState.ANSWERED, answer=words, answered_at=now, rule_by=rule_by)
    await storage.save(
        tx, after, actor="shop", actor_id=actor_id, note=words, clock_at=rule_by, now=now
    )


async def rule(
    tx: Tx, case: Case, *, uphold: bool, text: str, operator_id: AccountId, now: datetime
) -> Outcome:
    """Let an answered case take effect, or drop it. Raises CaseMoved, RulingTooLate, TextMissing."""
    rules.check_ruling(case, uphold=uphold, now=now)
    words = rules.check_text(text, field="ruling")
    ruled = replace(case, ruled_by=operator_id, ruled_at=now, ruling=words)
    if not uphold:
        after = replace(ruled, state=CaseState.DROPPED)
        await storage.save(
            tx,
            after,
            actor="operator",
            actor_id=operator_id,
            note=words,
            clock_at=None,
            now=now,
        )
        await storage.end_all(tx, case.id, "void", ["proposed"])
        return Outcome.NOTHING
    await _take_effect(tx, ruled, actor="operator", actor_id=operator_id, note=words, now=now)
    return Outcome.APPLY


async def appeal(
    tx: Tx,
    case: Case,
    text: str,
    evidence: Sequence[Evidence],
    *,
    actor_id: AccountId,
    now: datetime,
) -> None:
    """Once, within seven days. Raises AppealedAlready, AppealTooLate, CaseMoved, TextMissing."""
    rules.check_appeal(case, now=now)
    words = rules.check_text(text, field="appeal")
    await _add_evidence(tx, case, evidence, by=actor_id, now=now)
    judge_by = now + JUDGE_WITHIN
    after = replace(
        case, state=CaseState.APPEALED, appeal=words, appealed_at=now, judge_by=judge_by
    )
    await storage.save(
        tx, after, actor="shop", actor_id=actor_id, note=words, clock_at=judge_by, now=now
    )


async def judge(
    tx: Tx, case: Case, *, uphold_appeal: bool, text: str, operator_id: AccountId, now: datetime
) -> Outcome:
    """Judge an appeal. Raises SameOperator, RulingTooLate, CaseMoved, TextMissing."""
    rules.check_judgement(case, operator_id, now=now)
    words = rules.check_text(text, field="judgement")
    state = CaseState.REVERSED if uphold_appeal else CaseState.FINAL
    after = replace(case, state=state, judged_by=operator_id, judged_at=now, judgement=words)
    await storage.save(
        tx, after, actor="operator", actor_id=operator_id, note=words, clock_at=None, now=now
    )
    if not uphold_appeal:
        return Outcome.NOTHING
    await _reverse(tx, case, now=now)
    return Outcome.REVERSE


async def due(tx: Tx, *, now: datetime) -> list[CaseId]:
    """A batch of cases the clock has something to do with."""
    return await storage.due(tx, now=now, limit=BATCH)


async def pass_time(tx: Tx, case: Case, *, now: datetime) -> Outcome | None:
    """Let the clock act on a held case; None when nothing is due any more."""
    found = rules.by_clock(case, now=now)
    if found is None:
        return None
    state, outcome = found
    if outcome is Outcome.APPLY:
        ruled = replace(case, ruled_at=now)
        await _take_effect(tx, ruled, actor="clock", actor_id=None, note="", now=now)
        return outcome
    judged_at = now if outcome is Outcome.REVERSE else case.judged_at
    after = replace(case, state=state, judged_at=judged_at)
    await storage.save(tx, after, actor="clock", actor_id=None, note="", clock_at=None, now=now)
    if outcome is Outcome.REVERSE:
        await _reverse(tx, case, now=now)
    if state is CaseState.LAPSED:
        await storage.end_all(tx, case.id, "void", ["proposed"])
    return outcome


async def set_owed(
    tx: Tx, case_id: CaseId, position: int, *, from_deposit_minor: int, owed_minor: int
) -> None:
    """How a deduction was paid."""
    await storage.set_owed(
        tx, case_id, position, from_deposit_minor=from_deposit_minor, owed_minor=owed_minor
    )


async def end_penalties(tx: Tx, *, now: datetime) -> list[tuple[CaseId, ShopId, str]]:
    """End a batch of limits and suspensions whose time is over: case, shop and kind of each."""
    rows = await storage.end_due(tx, now=now, limit=BATCH)
    return [(CaseId(row["violation_id"]), ShopId(row["shop_id"]), row["kind"]) for row in rows]


async def listing_limit(tx: Tx, shop_id: ShopId, *, now: datetime) -> int | None:
    """How many goods the shop may have on sale; None: as many as it likes."""
    return await storage.listing_limit(tx, shop_id, now=now)


async def points_of_shop(tx: Tx, shop_id: ShopId, *, now: datetime) -> int:
    """Points of the last year that stand."""
    return await storage.points(tx, shop_id, since=now - POINTS_COUNT)


async def points_of_owner(tx: Tx, owner_id: AccountId, *, now: datetime) -> tuple[int, bool]:
    """Points of the last year over all shops one owns, and whether one of them was closed by a case."""
    return await storage.points_of_owner(tx, owner_id, since=now - POINTS_COUNT)


async def has_open(tx: Tx, shop_id: ShopId) -> bool:
    """Whether a case of the shop can still change."""
    return await storage.has_open(tx, shop_id)


async def _take_effect(
    tx: Tx, case: Case, *, actor: str, actor_id: AccountId | None, note: str, now: datetime
) -> None:
    until = now + APPEAL_WITHIN
    after = replace(case, state=CaseState.IN_FORCE, appeal_until=until)
    await storage.save(
        tx, after, actor=actor, actor_id=actor_id, note=note, clock_at=until, now=now
    )
    await storage.put_in_force(tx, case.id, now=now)
    event = CaseTookEffect(
        subject_id=case.id, shop_id=case.shop_id, rule_code=case.rule_code, occurred_at=now
    )
    await outbox.append(tx, [event])


async def _reverse(tx: Tx, case: Case, *, now: datetime) -> None:
    await storage.end_all(tx, case.id, "reversed", ["in_force", "ended"])
    event = CaseReversed(
        subject_id=case.id, shop_id=case.shop_id, rule_code=case.rule_code, occurred_at=now
    )
    await outbox.append(tx, [event])


async def _add_evidence(
    tx: Tx, case: Case, evidence: Sequence[Evidence], *, by: AccountId, now: datetime
) -> None:
    if not evidence:
        return
    if len(evidence) + await storage.count_evidence(tx, case.id, "shop") > EVIDENCE_MAX:
        raise TooMuchEvidence(field="evidence", limit=EVIDENCE_MAX)
    await storage.add_evidence(tx, case.id, evidence, side="shop", by=by, now=now)
