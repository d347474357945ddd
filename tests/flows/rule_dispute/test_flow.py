from datetime import timedelta
from typing import Any

import pytest

from jishi.db import Tx
from jishi.flows.rule_dispute import claim, let_go, rule
from jishi.kit.ids import AccountId, IdMaker, cell_of
from jishi.modules import aftersale
from jishi.modules.aftersale import Case, CaseKind, CaseState, Decision, Deed, RulingAsked, Side
from jishi.modules.aftersale.types_refusals import (
    CaseMoved,
    ClaimedByOther,
    EvidenceOpen,
    EvidenceTooLate,
    NotInDispute,
    PartyRules,
    RulingTooLate,
    SameOperator,
)
from tests.support.aftersale import (
    CONFIRM_AFTER,
    a_parcel,
    an_open_case,
    does,
    steps_of,
    takes_returns,
)
from tests.support.invariants import Sound
from tests.support.makers import NOON, Town, a_town, an_order, balance_of, refunds_of
from tests.support.payers import Share, an_order_of_many_payers

JUDGE, OTHER = AccountId(901), AccountId(902)


async def a_dispute(tx: Tx, ids: IdMaker, town: Town, **wish: Any) -> Case:
    """A refused case before the market; both sides were heard."""
    order_id = await an_order(tx, ids, town, until="completed", pieces=2)
    return await disputed(tx, ids, await an_open_case(tx, ids, town, order_id, **wish))


async def disputed(tx: Tx, ids: IdMaker, case: Case, *, heard: bool = True) -> Case:
    case = await does(tx, ids, case, Deed.REFUSE, Side.SHOP, reason="used")
    case = await does(tx, ids, case, Deed.ESCALATE, Side.BUYER, text="It came broken.")
    if heard:
        await aftersale.say(tx, case, Side.SHOP, AccountId(1), "It left whole.", (), at=NOON)
    return case


async def ruled(tx: Tx, ids: IdMaker, case: Case, by: AccountId = JUDGE, **more: Any) -> Case:
    at = more.pop("at", NOON)
    facts: dict[str, Any] = {
        "operator_id": by,
        "decision": Decision.BUYER,
        "rule_code": "AS-2",
        "reasons": "The pictures show it.",
    }
    asked = RulingAsked(**{**facts, **more})
    return await rule(tx, case.id, asked, maker=ids, now=at, confirm_after=CONFIRM_AFTER)


async def test_from_refusal_to_a_final_ruling_after_payout(
    tx: Tx, ids: IdMaker, sound: Sound
) -> None:
    town = await a_town(tx, ids, shops=1, price_minor=9_000)
    await takes_returns(tx, town.shops[0])
    share = Share(goods=town.goods[0], quantity=2, platform_minor=1_500, creator_minor=501)
    order_id = await an_order_of_many_payers(tx, ids, town, [share], until="completed")
    case = await an_open_case(tx, ids, town, order_id, quantity=2, kind=CaseKind.RETURN)
    case = await disputed(tx, ids, case)
    part = {"decision": Decision.PART, "amount_minor": 4_000, "goods_back": True}
    case = await ruled(tx, ids, case, **part)
    assert case.state is CaseState.RULED
    with pytest.raises(NotInDispute):
        await ruled(tx, ids, case)
    case = await does(tx, ids, case, Deed.APPEAL, Side.SHOP, text="It was worn.")
    with pytest.raises(SameOperator):
        await ruled(tx, ids, case)
    later = NOON + timedelta(hours=48)  # nobody added anything
    case = await ruled(tx, ids, case, OTHER, at=later, **part)
    assert case.state is CaseState.RETURNING
    case = await does(
        tx, ids, case, Deed.SEND_BACK, Side.BUYER, at=later, parcel=a_parcel("back", 2)
    )
    case = await does(tx, ids, case, Deed.RECEIVE, Side.SHOP, at=later, is_sellable=True)
    assert (case.state, case.refunded_minor) == (CaseState.SETTLED, 4_000)
    (row,) = await refunds_of(tx, order_id)
    assert row["platform_minor"] == 1_500 * 4_000 // case_cap(share)
    rulings = await aftersale.rulings_of(tx, case.id)
    assert [(it.round, it.operator_id, it.rule_code, it.rule_version) for it in rulings] == [
        (1, JUDGE, "AS-2", 1),
        (2, OTHER, "AS-2", 1),
    ]
    cell = cell_of(town.shops[0])
    assert await balance_of(tx, "receivable:shop", town.shops[0], cell=cell) == 0
    assert "appealed" in await steps_of(tx, case.id)
    await sound(tx)


def case_cap(share: Share) -> int:
    return share.goods.price_minor * share.quantity - share.platform_minor - share.creator_minor


async def test_a_ruling_for_the_shop_closes_the_case_when_nobody_appeals(
    tx: Tx, ids: IdMaker, sound: Sound
) -> None:
    case = await a_dispute(tx, ids, await a_town(tx, ids))
    case = await ruled(tx, ids, case, decision=Decision.SHOP)
    case = await does(tx, ids, case, Deed.LAPSE, Side.CLOCK, at=NOON + timedelta(days=7))
    assert (case.state, case.refunded_minor) == (CaseState.CLOSED, 0)
    await sound(tx)


async def test_who_may_rule_and_when(tx: Tx, ids: IdMaker) -> None:
    town = await a_town(tx, ids)
    order_id = await an_order(tx, ids, town, until="shipped")
    case = await disputed(tx, ids, await an_open_case(tx, ids, town, order_id), heard=False)
    with pytest.raises(EvidenceOpen):
        await ruled(tx, ids, case)
    for party in (case.buyer_id, AccountId(1)):  # account 1 owns the shop
        with pytest.raises(PartyRules):
            await ruled(tx, ids, case, party)
    with pytest.raises(RulingTooLate):
        await ruled(tx, ids, case, at=NOON + timedelta(days=7))
    over = NOON + timedelta(hours=48)
    with pytest.raises(EvidenceTooLate):
        await aftersale.say(tx, case, Side.SHOP, AccountId(1), "Late.", (), at=over)
    await claim(tx, case.id, JUDGE, now=over)
    with pytest.raises(ClaimedByOther):
        await ruled(tx, ids, case, OTHER, at=over)
    await let_go(tx, case.id, JUDGE, now=over)
    await claim(tx, case.id, OTHER, now=over)
    later = over + timedelta(hours=4)  # a claim nobody used is nobody's
    case = await ruled(tx, ids, case, at=later)
    with pytest.raises(CaseMoved):
        await does(tx, ids, case, Deed.AGREE, Side.SHOP, at=later)
