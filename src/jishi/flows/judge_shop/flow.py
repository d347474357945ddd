"""Each step of a case in one transaction: who may, what follows, what is told, what is audited."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from jishi.db import Tx, load_sql
from jishi.flows.judge_shop import effects
from jishi.kit.errors import Refusals
from jishi.kit.ids import AccountId, IdMaker, ShopId, cell_of
from jishi.modules import audit, notices, penalties, shops
from jishi.modules.audit.types import CASE_JUDGED, CASE_OPENED, CASE_RULED
from jishi.modules.penalties import Case, CaseId, Evidence, NewCase, Outcome, PenaltyKind
from jishi.modules.penalties.types import EvidenceUnknown
from jishi.modules.qualifications import permit_day

_KNOWN: Final = load_sql(__package__, "known_evidence")


async def open_case(
    tx: Tx, case: NewCase, *, operator_id: AccountId, ids: IdMaker, now: datetime
) -> Case:
    """Announce a case. Raises RuleUnknown, EvidenceUnknown, Refusals by field, ShopNotFound."""
    await shops.get_shop(tx, case.shop_id)
    products = [it for it in case.penalties if it.kind is PenaltyKind.PRODUCT_OFF and it.product_id]
    asked = [Evidence(kind="product", subject_id=it.product_id) for it in products]
    await _check_evidence(tx, case.shop_id, case.evidence, field="evidence")
    await _check_evidence(tx, case.shop_id, asked, field="product_off")
    opened = await penalties.open_case(
        tx,
        case,
        case_id=CaseId(ids.make(cell_of(case.shop_id))),
        operator_id=operator_id,
        today=permit_day(now),
        now=now,
    )
    facts = {"shop_id": str(case.shop_id), "rule": f"{opened.rule_code}/{opened.rule_version}"}
    await audit.note(tx, operator_id, CASE_OPENED, str(opened.id), now=now, facts=facts)
    await _tell(tx, opened, "standing.case_opened", now=now)
    return opened


async def answer(
    tx: Tx,
    case_id: CaseId,
    text: str,
    evidence: Sequence[Evidence],
    *,
    shop_id: ShopId,
    actor_id: AccountId,
    now: datetime,
) -> None:
    """Raises CaseNotFound, AnswerTooLate, CaseMoved, TextMissing, EvidenceUnknown, TooMuchEvidence."""
    case = await penalties.lock_case(tx, case_id, shop_id=shop_id)
    await _check_evidence(tx, shop_id, evidence, field="evidence")
    await penalties.answer(tx, case, text, evidence, actor_id=actor_id, now=now)


async def rule(
    tx: Tx,
    case_id: CaseId,
    *,
    uphold: bool,
    text: str,
    operator_id: AccountId,
    ids: IdMaker,
    now: datetime,
) -> None:
    """Raises CaseNotFound, CaseMoved, RulingTooLate, TextMissing."""
    case = await penalties.lock_case(tx, case_id)
    outcome = await penalties.rule(
        tx, case, uphold=uphold, text=text, operator_id=operator_id, now=now
    )
    facts = {"shop_id": str(case.shop_id), "upheld": uphold}
    await audit.note(tx, operator_id, CASE_RULED, str(case_id), now=now, facts=facts)
    await _follow(tx, case, outcome, told="standing.case_dropped", ids=ids, now=now)


async def appeal(
    tx: Tx,
    case_id: CaseId,
    text: str,
    evidence: Sequence[Evidence],
    *,
    shop_id: ShopId,
    actor_id: AccountId,
    now: datetime,
) -> None:
    """Raises CaseNotFound, AppealedAlready, AppealTooLate, CaseMoved, TextMissing, EvidenceUnknown."""
    case = await penalties.lock_case(tx, case_id, shop_id=shop_id)
    await _check_evidence(tx, shop_id, evidence, field="evidence")
    await penalties.appeal(tx, case, text, evidence, actor_id=actor_id, now=now)


async def judge(
    tx: Tx,
    case_id: CaseId,
    *,
    uphold_appeal: bool,
    text: str,
    operator_id: AccountId,
    ids: IdMaker,
    now: datetime,
) -> None:
    """Raises CaseNotFound, SameOperator, RulingTooLate, CaseMoved, TextMissing."""
    case = await penalties.lock_case(tx, case_id)
    outcome = await penalties.judge(
        tx, case, uphold_appeal=uphold_appeal, text=text, operator_id=operator_id, now=now
    )
    facts = {"shop_id": str(case.shop_id), "appeal_upheld": uphold_appeal}
    await audit.note(tx, operator_id, CASE_JUDGED, str(case_id), now=now, facts=facts)
    await _follow(tx, case, outcome, told="standing.appeal_dismissed", ids=ids, now=now)


async def pass_time(tx: Tx, case_id: CaseId, *, ids: IdMaker, now: datetime) -> bool:
    """Let the clock act on one case; False when someone was faster."""
    case = await penalties.lock_case(tx, case_id)
    outcome = await penalties.pass_time(tx, case, now=now)
    if outcome is None:
        return False
    told = "standing.case_lapsed" if case.state == "answered" else ""
    await _follow(tx, case, outcome, told=told, ids=ids, now=now)
    return True


async def _follow(
    tx: Tx, case: Case, outcome: Outcome, *, told: str, ids: IdMaker, now: datetime
) -> None:
    """Do what the outcome orders, and tell the shop; ``told``: what it hears when nothing changed."""
    if outcome is Outcome.APPLY:
        await effects.apply(tx, case, ids=ids, now=now)
        await _tell(tx, case, "standing.case_in_force", now=now)
    elif outcome is Outcome.REVERSE:
        await effects.reverse(tx, case, ids=ids, now=now)
        await _tell(tx, case, "standing.case_reversed", now=now)
    elif told:
        await _tell(tx, case, told, now=now)


async def _tell(tx: Tx, case: Case, kind: str, *, now: datetime) -> None:
    facts = {"shop_id": str(case.shop_id), "case_id": str(case.id)}
    told = notices.Told(kind=kind, shop_id=case.shop_id, subject_id=case.id, facts=facts, at=now)
    await notices.tell(tx, [told])


async def _check_evidence(
    tx: Tx, shop_id: ShopId, evidence: Sequence[Evidence], *, field: str
) -> None:
    """Raises Refusals naming what is not of the shop."""
    kinds, subjects = [it.kind for it in evidence], [it.subject_id for it in evidence]
    known = (
        {row["at"] for row in await tx.fetch(_KNOWN, shop_id, kinds, subjects)} if kinds else set()
    )
    strange = [it for at, it in enumerate(evidence, 1) if at not in known]
    if strange:
        raise Refusals([EvidenceUnknown(field=field, number=str(it.subject_id)) for it in strange])
