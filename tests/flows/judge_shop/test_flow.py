"""Cases from announcement to appeal: what each step does to goods, shop and money, and who may not."""

import asyncio
from datetime import timedelta

import pytest

from jishi.db import Pool, Tx, transaction
from jishi.flows.judge_shop import effects, flow
from jishi.kit.errors import Refusal, Refusals
from jishi.kit.ids import AccountId, IdMaker, ShopId, cell_of
from jishi.modules import penalties
from jishi.modules.penalties import CaseState, Evidence, NewPenalty, PenaltyKind
from jishi.modules.penalties.types import (
    AnswerTooLate,
    AppealedAlready,
    AppealTooLate,
    CaseMoved,
    RulingTooLate,
    SameOperator,
)
from tests.support.invariants import Sound
from tests.support.makers import NOON, a_town
from tests.support.standing import (
    a_case,
    balances,
    be_kind,
    deduction,
    is_listed,
    off_sale,
    pay_in,
    shop_state,
)

ONE, OTHER = AccountId(101 << 14), AccountId(102 << 14)
ANSWER_TIME = timedelta(hours=48)  # of rule false-goods
FULL = NewPenalty(kind=PenaltyKind.SUSPENSION, days=3)


async def a_shop(tx: Tx, ids: IdMaker, deposit_minor: int = 0) -> ShopId:
    town = await a_town(tx, ids, shops=1, skus=1, buyers=0)
    await be_kind(tx, town.shops[0], "business")
    if deposit_minor:
        await pay_in(tx, ids, town.shops[0], deposit_minor, now=NOON)
    return town.shops[0]


async def take_effect(tx: Tx, ids: IdMaker, case_id: penalties.CaseId) -> None:
    """Answered and ruled on by ONE."""
    await flow.answer(tx, case_id, "It was wool.", [], shop_id=(await penalties.get_case(tx, case_id)).shop_id,
        actor_id=OTHER, now=NOON)  # fmt: skip
    await flow.rule(
        tx, case_id, uphold=True, text="It was not.", operator_id=ONE, ids=ids, now=NOON
    )


async def test_unanswered_it_takes_effect_by_the_clock_and_not_before(
    tx: Tx, ids: IdMaker, sound: Sound
) -> None:
    shop = await a_shop(tx, ids, 5_000)
    case = await a_case(tx, ids, shop, deduction(3_000), FULL, operator_id=ONE, now=NOON)
    due = NOON + ANSWER_TIME
    assert not await flow.pass_time(tx, case.id, ids=ids, now=due - timedelta(seconds=1))
    assert await flow.pass_time(tx, case.id, ids=ids, now=due)
    assert not await flow.pass_time(tx, case.id, ids=ids, now=due)
    after = await penalties.get_case(tx, case.id)
    assert (after.state, after.ruled_by) == (CaseState.IN_FORCE, None)
    assert await balances(tx, shop) == {"deposit:shop": -2_000}
    assert await shop_state(tx, shop) == "suspended"
    with pytest.raises(AnswerTooLate):
        await flow.answer(tx, case.id, "Late.", [], shop_id=shop, actor_id=OTHER, now=due)
    await effects.end(tx, now=due + timedelta(days=3))
    assert await shop_state(tx, shop) == "open"
    await sound(tx)


async def test_an_upheld_appeal_brings_everything_back_to_the_fen(
    tx: Tx, ids: IdMaker, sound: Sound
) -> None:
    town = await a_town(tx, ids, shops=1, skus=2, buyers=0)
    shop, goods = town.shops[0], town.goods
    leaf = "SELECT id FROM category WHERE is_leaf ORDER BY id LIMIT 1"
    await tx.execute(
        "UPDATE product SET category_id = $2 WHERE shop_id = $1", shop, await tx.fetchval(leaf)
    )
    await be_kind(tx, shop, "business")
    await pay_in(tx, ids, shop, 5_000, now=NOON)
    asked = (deduction(8_000), off_sale(goods[0].product_id), FULL)
    case = await a_case(tx, ids, shop, *asked, operator_id=ONE, now=NOON)
    await take_effect(tx, ids, case.id)
    assert await balances(tx, shop) == {"receivable:shop": 3_000}
    assert not await is_listed(tx, goods[0].product_id)
    assert await is_listed(tx, goods[1].product_id)
    await flow.appeal(tx, case.id, "Look again.", [], shop_id=shop, actor_id=OTHER, now=NOON)
    with pytest.raises(SameOperator):
        await flow.judge(
            tx, case.id, uphold_appeal=True, text="x", operator_id=ONE, ids=ids, now=NOON
        )
    await flow.judge(
        tx, case.id, uphold_appeal=True, text="Right.", operator_id=OTHER, ids=ids, now=NOON
    )
    assert await balances(tx, shop) == {"deposit:shop": -5_000}
    assert await shop_state(tx, shop) == "open"
    assert await is_listed(tx, goods[0].product_id)
    with pytest.raises(AppealedAlready):
        await flow.appeal(tx, case.id, "Again.", [], shop_id=shop, actor_id=OTHER, now=NOON)
    fee = "SELECT debit_minor - credit_minor FROM ledger_account WHERE cell = $1 AND kind = 'fee:penalty'"
    assert await tx.fetchval(fee, cell_of(shop)) == 0
    await sound(tx)


async def test_a_debt_that_earnings_paid_meanwhile_goes_back_to_the_earnings(
    tx: Tx, ids: IdMaker, sound: Sound
) -> None:
    shop = await a_shop(tx, ids)
    case = await a_case(tx, ids, shop, deduction(8_000), operator_id=ONE, now=NOON)
    await take_effect(tx, ids, case.id)
    await _earn_and_set_off(tx, ids, shop, 6_000)
    assert await balances(tx, shop) == {"receivable:shop": 2_000}
    await flow.appeal(tx, case.id, "Look again.", [], shop_id=shop, actor_id=OTHER, now=NOON)
    await flow.judge(
        tx, case.id, uphold_appeal=True, text="Right.", operator_id=OTHER, ids=ids, now=NOON
    )
    assert await balances(tx, shop) == {"payable:shop": -6_000}
    await sound(tx)


async def _earn_and_set_off(tx: Tx, ids: IdMaker, shop: ShopId, amount_minor: int) -> None:
    """The shop's debt is paid from what it earned: gateway → payable → receivable."""
    from jishi.modules import ledger

    cell, subject = cell_of(shop), ids.make(cell_of(shop))
    moves = [
        (ledger.TransferKind.COMPENSATION, "gateway:sandbox", 0, "payable:shop", shop),
        (ledger.TransferKind.OFFSET, "payable:shop", shop, "receivable:shop", shop),
    ]
    await ledger.post(
        tx,
        [
            ledger.Booking(
                cell=cell,
                kind=kind,
                subject_id=subject,
                at=NOON,
                postings=[
                    ledger.Posting(posting=1, kind=debit, party_id=of, amount_minor=amount_minor),
                    ledger.Posting(posting=2, kind=credit, party_id=to, amount_minor=-amount_minor),
                ],
            )
            for kind, debit, of, credit, to in moves
        ],
    )


async def test_an_answered_case_nobody_rules_on_lapses_and_can_no_longer_be_ruled_on(
    tx: Tx, ids: IdMaker
) -> None:
    shop = await a_shop(tx, ids, 5_000)
    case = await a_case(tx, ids, shop, deduction(3_000), operator_id=ONE, now=NOON)
    await flow.answer(tx, case.id, "It was wool.", [], shop_id=shop, actor_id=OTHER, now=NOON)
    late = NOON + timedelta(hours=72)
    with pytest.raises(RulingTooLate):
        await flow.rule(tx, case.id, uphold=True, text="No.", operator_id=ONE, ids=ids, now=late)
    assert await flow.pass_time(tx, case.id, ids=ids, now=late)
    with pytest.raises(RulingTooLate):
        await flow.rule(tx, case.id, uphold=True, text="No.", operator_id=ONE, ids=ids, now=late)
    assert await balances(tx, shop) == {"deposit:shop": -5_000}


async def test_an_appeal_nobody_judges_in_time_is_upheld(
    tx: Tx, ids: IdMaker, sound: Sound
) -> None:
    shop = await a_shop(tx, ids, 5_000)
    case = await a_case(tx, ids, shop, deduction(3_000), operator_id=ONE, now=NOON)
    await take_effect(tx, ids, case.id)
    await flow.appeal(tx, case.id, "Look again.", [], shop_id=shop, actor_id=OTHER, now=NOON)
    late = NOON + timedelta(days=7)
    with pytest.raises(RulingTooLate):
        await flow.judge(
            tx, case.id, uphold_appeal=False, text="x", operator_id=OTHER, ids=ids, now=late
        )
    assert await flow.pass_time(tx, case.id, ids=ids, now=late)
    assert (await penalties.get_case(tx, case.id)).state is CaseState.REVERSED
    assert await balances(tx, shop) == {"deposit:shop": -5_000}
    await sound(tx)


async def test_after_seven_days_there_is_no_appeal(tx: Tx, ids: IdMaker) -> None:
    shop = await a_shop(tx, ids, 5_000)
    case = await a_case(tx, ids, shop, deduction(3_000), operator_id=ONE, now=NOON)
    await take_effect(tx, ids, case.id)
    late = NOON + timedelta(days=7)
    for _ in range(2):  # before and after the clock has made it final
        with pytest.raises(AppealTooLate):
            await flow.appeal(tx, case.id, "x", [], shop_id=shop, actor_id=OTHER, now=late)
        await flow.pass_time(tx, case.id, ids=ids, now=late)


@pytest.mark.parametrize(
    ("_case", "penalties_asked", "changes", "code"),
    [
        ("no evidence", [deduction(1)], {"evidence": []}, "penalties.evidence_missing"),
        ("beyond the rule", [deduction(200_001)], {}, "penalties.beyond_rule"),
        ("a kind the rule does not know", [NewPenalty(kind=PenaltyKind.CLOSURE)], {}, "penalties.penalty_unfit"),
        ("too many points", [NewPenalty(kind=PenaltyKind.POINTS, amount=7)], {}, "penalties.beyond_rule"),
        ("nothing asked", [], {}, "penalties.penalty_missing"),
        ("no amount", [deduction(0)], {}, "penalties.amount_missing"),
        ("twice", [deduction(1), deduction(2)], {}, "penalties.penalty_twice"),
        ("no words", [deduction(1)], {"statement": ""}, "penalties.statement_missing"),
        ("no such rule", [deduction(1)], {"rule_code": "x"}, "penalties.rule_unknown"),
        ("another shop's order", [deduction(1)], {"evidence": [Evidence(kind="order", subject_id=5)]},
         "penalties.evidence_unknown"),
        ("another shop's product", [NewPenalty(kind=PenaltyKind.PRODUCT_OFF, product_id=5)], {},
         "penalties.evidence_unknown"),
    ],
)  # fmt: skip
async def test_a_case_that_may_not_be_opened(
    tx: Tx,
    ids: IdMaker,
    _case: str,
    penalties_asked: list[NewPenalty],
    changes: dict[str, object],
    code: str,
) -> None:
    shop = await a_shop(tx, ids)
    with pytest.raises((Refusal, Refusals)) as refused:
        await a_case(tx, ids, shop, *penalties_asked, operator_id=ONE, now=NOON, **changes)
    problem = refused.value
    codes = [it.code for it in problem.items] if isinstance(problem, Refusals) else [problem.code]
    assert code in codes


async def test_a_closed_shop_opens_again_when_the_closing_was_wrong(tx: Tx, ids: IdMaker) -> None:
    shop = await a_shop(tx, ids, 5_000)
    closure = NewPenalty(kind=PenaltyKind.CLOSURE)
    case = await a_case(tx, ids, shop, closure, rule_code="counterfeit", operator_id=ONE, now=NOON)
    await take_effect(tx, ids, case.id)
    assert await shop_state(tx, shop) == "closed"
    await flow.appeal(tx, case.id, "x", [], shop_id=shop, actor_id=OTHER, now=NOON)
    await flow.judge(
        tx, case.id, uphold_appeal=True, text="Right.", operator_id=OTHER, ids=ids, now=NOON
    )
    assert await shop_state(tx, shop) == "open"


async def test_of_two_operators_who_rule_at_once_one_is_told_it_has_moved_on(
    pool: Pool, ids: IdMaker
) -> None:
    async with transaction(pool) as tx:
        shop = await a_shop(tx, ids, 5_000)
        case = await a_case(tx, ids, shop, deduction(3_000), operator_id=ONE, now=NOON)
        await flow.answer(tx, case.id, "It was wool.", [], shop_id=shop, actor_id=OTHER, now=NOON)

    async def ruled(operator_id: AccountId) -> str:
        try:
            async with transaction(pool) as mine:
                await flow.rule(
                    mine,
                    case.id,
                    uphold=True,
                    text="No.",
                    operator_id=operator_id,
                    ids=ids,
                    now=NOON,
                )
        except CaseMoved:
            return "moved"
        return "ruled"

    assert sorted(await asyncio.gather(ruled(ONE), ruled(OTHER))) == ["moved", "ruled"]
    async with pool.acquire() as connection:
        assert await balances(connection, shop) == {"deposit:shop": -2_000}
