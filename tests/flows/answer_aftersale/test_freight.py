from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from jishi.db import Tx
from jishi.flows.answer_aftersale.rules import LineMoney, freight_lines
from jishi.kit.ids import IdMaker, OrderId, cell_of
from jishi.modules.aftersale import Case, CaseKind, CaseState, Deed, Side
from tests.support.aftersale import a_parcel, an_open_case, does, takes_returns
from tests.support.invariants import Sound
from tests.support.makers import (
    NOON,
    Town,
    a_town,
    an_order,
    balance_of,
    order_row,
    refunds_of,
)


async def sent_back_with_freight(
    tx: Tx, ids: IdMaker, town: Town, order_id: OrderId, *, amount_minor: int, **wish: Any
) -> Case:
    facts = {"kind": CaseKind.RETURN, "reason": "damaged", "pictures": (1,)}
    case = await an_open_case(tx, ids, town, order_id, **{**facts, **wish})
    case = await does(tx, ids, case, Deed.AGREE, Side.SHOP)
    return await does(
        tx,
        ids,
        case,
        Deed.SEND_BACK,
        Side.BUYER,
        parcel=a_parcel("back", 1),
        amount_minor=amount_minor,
        has_pictures=True,
    )


async def test_freight_the_shop_owes_comes_from_what_is_left_of_the_order(
    tx: Tx, ids: IdMaker, sound: Sound
) -> None:
    town = await a_town(tx, ids, price_minor=2_000)
    await takes_returns(tx, town.shops[0])
    order_id = await an_order(tx, ids, town, until="shipped", pieces=3)
    case = await sent_back_with_freight(tx, ids, town, order_id, amount_minor=1_200)
    assert (case.freight_minor, case.freight_due_minor) == (1_200, 1_200)
    case = await does(tx, ids, case, Deed.RECEIVE, Side.SHOP, is_sellable=True)
    assert (case.refunded_minor, case.freight_refunded_minor) == (2_000, 1_200)
    assert (case.freight_owed_minor, case.freight_due_minor) == (0, 0)
    goods, freight = await refunds_of(tx, order_id)
    assert (goods["case_id"], freight["case_id"]) == (case.id, None)
    assert (freight["id"], freight["why"]) == (case.freight_refund_id, "return_freight")
    assert (await order_row(tx, order_id))["refunded_minor"] == 3_200
    again = await an_open_case(tx, ids, town, order_id, quantity=2)
    assert again.amount_minor == 4_000 - 1_200
    await sound(tx)


async def test_freight_beyond_what_was_paid_is_booked_as_owed(
    tx: Tx, ids: IdMaker, sound: Sound
) -> None:
    town = await a_town(tx, ids, price_minor=2_000)
    shop_id, buyer_id = town.shops[0], town.buyers[0].account_id
    await takes_returns(tx, shop_id)
    order_id = await an_order(tx, ids, town, until="completed", pieces=1)
    case = await sent_back_with_freight(tx, ids, town, order_id, amount_minor=1_200)
    case = await does(tx, ids, case, Deed.LAPSE, Side.CLOCK, at=NOON + timedelta(days=7))
    assert (case.state, case.refunded_minor) == (CaseState.SETTLED, 2_000)
    assert (case.freight_refunded_minor, case.freight_owed_minor) == (0, 1_200)
    cell = cell_of(shop_id)
    assert await balance_of(tx, "payable:buyer", buyer_id, cell=cell) == 1_200
    await sound(tx)


async def test_contested_freight_is_paid_by_a_ruling_for_the_buyer(
    tx: Tx, ids: IdMaker, sound: Sound
) -> None:
    town = await a_town(tx, ids, price_minor=2_000)
    await takes_returns(tx, town.shops[0])
    order_id = await an_order(tx, ids, town, until="shipped", pieces=3)
    case = await sent_back_with_freight(tx, ids, town, order_id, amount_minor=1_200)
    case = await does(tx, ids, case, Deed.REJECT, Side.SHOP, text="That receipt is another's.")
    assert case.freight_due_minor == 1_200
    late = NOON + timedelta(days=7)
    case = await does(tx, ids, case, Deed.LAPSE, Side.CLOCK, at=late)  # nobody ruled: the buyer's
    case = await does(tx, ids, case, Deed.LAPSE, Side.CLOCK, at=late + timedelta(days=7))
    assert (case.refunded_minor, case.freight_refunded_minor) == (2_000, 1_200)
    await sound(tx)


async def test_an_exchange_pays_its_freight_once(tx: Tx, ids: IdMaker, sound: Sound) -> None:
    town = await a_town(tx, ids, price_minor=2_000)
    await takes_returns(tx, town.shops[0])
    order_id = await an_order(tx, ids, town, until="shipped", pieces=2)
    case = await sent_back_with_freight(
        tx, ids, town, order_id, amount_minor=500, kind=CaseKind.EXCHANGE
    )
    case = await does(tx, ids, case, Deed.RECEIVE, Side.SHOP, is_sellable=True)
    assert (case.state, case.freight_refunded_minor) == (CaseState.TO_SEND, 500)
    case = await does(tx, ids, case, Deed.LAPSE, Side.CLOCK, at=NOON + timedelta(days=5))
    assert (case.state, len(await refunds_of(tx, order_id))) == (CaseState.SETTLED, 2)
    await sound(tx)


lines = st.lists(st.tuples(st.integers(1, 10_000), st.booleans()), max_size=6)


@given(lines, st.integers(1, 50_000))
def test_freight_is_given_back_or_owed_to_the_last_unit(
    given_lines: list[tuple[int, bool]], freight_minor: int
) -> None:
    left = [
        LineMoney(line=at, left_minor=minor, to_send=to_send)
        for at, (minor, to_send) in enumerate(given_lines, start=1)
    ]
    plan = freight_lines(left, freight_minor)
    assert plan.refunded_minor + plan.owed_minor == freight_minor
    assert sum(it.amount_minor or 0 for it in plan.lines) == plan.refunded_minor
    by_line = {it.line: it for it in left}
    for asked in plan.lines:
        of = by_line[asked.line]
        assert asked.quantity == 0
        assert asked.amount_minor is not None
        assert 0 < asked.amount_minor <= of.left_minor - (1 if of.to_send else 0)
    if plan.owed_minor:
        assert plan.refunded_minor == sum(it.left_minor - it.to_send for it in left)
