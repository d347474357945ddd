"""Claim a dispute, rule on it. Every step holds order and case, in that order."""

from datetime import datetime, timedelta
from typing import Final

from jishi.db import Tx
from jishi.flows.answer_aftersale import Asked, act_once, around, lock_with_orders
from jishi.kit.ids import AccountId, CaseId, IdMaker, cell_of
from jishi.modules import aftersale, audit
from jishi.modules.aftersale import (
    Act,
    Case,
    Deed,
    Facts,
    Hearing,
    RulingAsked,
    Side,
    check_operator,
    ruling,
)
from jishi.modules.aftersale.types_refusals import CaseNotFound

RULED: Final = "dispute.ruled"
_IS_PARTY: Final = """
SELECT $3::bigint = $4::bigint OR EXISTS (
    SELECT FROM shop_staff WHERE cell = $1 AND shop_id = $2 AND account_id = $3)
    OR EXISTS (SELECT FROM shop WHERE cell = $1 AND id = $2 AND owner_id = $3)
"""


async def claim(tx: Tx, case_id: CaseId, operator_id: AccountId, *, now: datetime) -> Case:
    """Take a dispute up, for four hours nobody else's. Raises CaseNotFound and
    what ``check_operator`` refuses."""
    case, facts, hearing = await _before(tx, case_id, operator_id)
    check_operator(case, operator_id, facts, hearing, now)
    await aftersale.set_claim(tx, case_id, operator_id, now)
    return case


async def let_go(tx: Tx, case_id: CaseId, operator_id: AccountId, *, now: datetime) -> Case:
    """Leave a dispute to others again. Raises as ``claim``."""
    case, facts, hearing = await _before(tx, case_id, operator_id)
    check_operator(case, operator_id, facts, hearing, now)
    await aftersale.set_claim(tx, case_id, None, None)
    return case


async def rule(
    tx: Tx,
    case_id: CaseId,
    asked: RulingAsked,
    *,
    maker: IdMaker,
    now: datetime,
    confirm_after: timedelta,
    version: int | None = None,
) -> Case:
    """Rule: a first ruling waits for an appeal, one on an appeal is carried out at once.

    Raises CaseNotFound, NotInDispute, RulingTooLate, PartyRules, SameOperator, ClaimedByOther, EvidenceOpen,
    RuleUnknown, RulingAmount, NothingToReturn, ReasonsMissing, CaseMoved. A line in the audit record.
    """
    case, facts, hearing = await _before(tx, case_id, asked.operator_id)
    made = ruling(case, asked, facts, hearing, now)
    act = Act(
        deed=Deed.RULE,
        side=Side.OPERATOR,
        at=now,
        account_id=asked.operator_id,
        version=version,
        ruling=made,
    )
    ended = await act_once(tx, Asked(case_id=case_id, act=act), maker, confirm_after=confirm_after)
    told = {
        "round": made.round,
        "decision": made.decision.value,
        "amount_minor": made.amount_minor,
        "rule": f"{made.rule_code} v{made.rule_version}",
    }
    await audit.note(tx, asked.operator_id, RULED, f"case {case_id}", now=now, facts=told)
    return ended


async def _before(tx: Tx, case_id: CaseId, operator_id: AccountId) -> tuple[Case, Facts, Hearing]:
    case = (await lock_with_orders(tx, [case_id])).get(case_id)
    if case is None:
        raise CaseNotFound
    found = (await around(tx, [case]))[case_id]
    is_party = await tx.fetchval(
        _IS_PARTY, cell_of(case.shop_id), case.shop_id, operator_id, case.buyer_id
    )
    return case, found.facts, Hearing(is_party=bool(is_party), both_heard=found.both_heard)
