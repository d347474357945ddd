from dataclasses import replace
from datetime import timedelta

import pytest

from jishi.db import Tx
from jishi.flows.answer_aftersale import act_once
from jishi.flows.refund_orders import RefundAsked, refund
from jishi.kit.errors import Refusals
from jishi.kit.ids import IdMaker, cell_of
from jishi.modules.aftersale import CaseKind, CaseState, Deed, Side
from jishi.modules.aftersale.types_refusals import (
    CaseMoved,
    CaseNotFound,
    DeadlinePassed,
    GoodsLeft,
    NoReturnAddress,
    NotYours,
    SwapGone,
    SwapUnfit,
)
from tests.support.aftersale import (
    CONFIRM_AFTER,
    a_parcel,
    a_wish,
    an_asked,
    an_open_case,
    does,
    steps_of,
    takes_returns,
)
from tests.support.invariants import Sound
from tests.support.makers import (
    NOON,
    a_town,
    an_order,
    events_of,
    order_row,
    refunds_of,
    ship_all,
    state_of,
    stock_of,
)
from tests.support.offers import an_offer


async def test_units_that_have_not_left_go_back_to_the_shelf(
    tx: Tx, ids: IdMaker, sound: Sound
) -> None:
    town = await a_town(tx, ids, stock=10)
    order_id = await an_order(tx, ids, town, until="to_ship", pieces=3)
    case = await an_open_case(tx, ids, town, order_id, reason="not_wanted", quantity=2)
    assert case.amount_minor == town.goods[0].price_minor * 2
    case = await does(tx, ids, case, Deed.AGREE, Side.SHOP)
    assert (case.state, case.refunded_minor) == (CaseState.SETTLED, case.amount_minor)
    assert await stock_of(tx, town.goods[0]) == (9, 0, 1)
    (row,) = await refunds_of(tx, order_id)
    assert (row["case_id"], row["id"]) == (case.id, case.refund_id)
    assert await state_of(tx, order_id) == 20
    assert await events_of(tx, case.id) == [
        "aftersale.asked",
        "aftersale.agreed",
        "aftersale.closed",
    ]
    assert await steps_of(tx, case.id) == ["asked", "agreed"]
    await sound(tx)


async def test_a_return_brings_the_goods_back_before_the_money(
    tx: Tx, ids: IdMaker, sound: Sound
) -> None:
    town = await a_town(tx, ids, stock=10)
    order_id = await an_order(tx, ids, town, until="completed", pieces=3)
    wish = {"kind": CaseKind.RETURN, "reason": "damaged", "quantity": 2, "pictures": (1,)}
    case = await an_open_case(tx, ids, town, order_id, **wish)
    with pytest.raises(NoReturnAddress):
        await does(tx, ids, case, Deed.AGREE, Side.SHOP)
    await takes_returns(tx, town.shops[0])
    case = await does(tx, ids, case, Deed.AGREE, Side.SHOP)
    assert case.state is CaseState.RETURNING
    assert case.return_address
    case = await does(tx, ids, case, Deed.SEND_BACK, Side.BUYER, parcel=a_parcel("back", 2))
    with pytest.raises(NotYours):
        await does(tx, ids, case, Deed.RECEIVE, Side.BUYER)
    case = await does(tx, ids, case, Deed.RECEIVE, Side.SHOP, is_sellable=True)
    assert (case.state, case.refunded_minor) == (CaseState.SETTLED, town.goods[0].price_minor * 2)
    assert await stock_of(tx, town.goods[0]) == (9, 0, 1)
    (row,) = await refunds_of(tx, order_id)
    assert row["fee_minor"] > 0
    await sound(tx)


async def test_damaged_returns_never_reach_the_shelf(tx: Tx, ids: IdMaker, sound: Sound) -> None:
    town = await a_town(tx, ids, stock=10)
    await takes_returns(tx, town.shops[0])
    order_id = await an_order(tx, ids, town, until="shipped", pieces=1)
    case = await an_open_case(tx, ids, town, order_id, kind=CaseKind.RETURN)
    case = await does(tx, ids, case, Deed.AGREE, Side.SHOP)
    case = await does(tx, ids, case, Deed.SEND_BACK, Side.BUYER, parcel=a_parcel("back", 1))
    case = await does(tx, ids, case, Deed.RECEIVE, Side.SHOP)
    assert case.came_back == "damaged"
    assert case.refunded_minor == case.amount_minor
    assert await stock_of(tx, town.goods[0]) == (9, 0, 1)
    assert await state_of(tx, order_id) == 200
    await sound(tx)


async def test_an_offer_taken_is_money_alone(tx: Tx, ids: IdMaker, sound: Sound) -> None:
    town = await a_town(tx, ids)
    order_id = await an_order(tx, ids, town, until="shipped", pieces=2)
    case = await an_open_case(tx, ids, town, order_id, quantity=2)
    case = await does(tx, ids, case, Deed.OFFER, Side.SHOP, amount_minor=300)
    case = await does(tx, ids, case, Deed.DECLINE, Side.BUYER)
    case = await does(tx, ids, case, Deed.OFFER, Side.SHOP, amount_minor=500)
    case = await does(tx, ids, case, Deed.ACCEPT, Side.BUYER)
    assert (case.state, case.refunded_minor) == (CaseState.SETTLED, 500)
    assert (await order_row(tx, order_id))["refunded_minor"] == 500
    again = await an_open_case(tx, ids, town, order_id, quantity=2)
    assert again.amount_minor == town.goods[0].price_minor * 2 - 500
    await sound(tx)


async def test_an_exchange_moves_goods_and_no_money(tx: Tx, ids: IdMaker, sound: Sound) -> None:
    town = await a_town(tx, ids, stock=2)
    await takes_returns(tx, town.shops[0])
    order_id = await an_order(tx, ids, town, until="shipped", pieces=2)
    case = await an_open_case(
        tx, ids, town, order_id, kind=CaseKind.EXCHANGE, reason="wrong_size", quantity=1
    )
    case = await does(tx, ids, case, Deed.AGREE, Side.SHOP)
    case = await does(tx, ids, case, Deed.SEND_BACK, Side.BUYER, parcel=a_parcel("back", 1))
    case = await does(tx, ids, case, Deed.RECEIVE, Side.SHOP)
    assert case.state is CaseState.TO_SEND
    with pytest.raises(SwapGone):  # what came back is damaged, and the shelf is empty
        await does(tx, ids, case, Deed.SEND, Side.SHOP, parcel=a_parcel("out", 1))
    other = town.goods[1].sku_id
    with pytest.raises(SwapUnfit):
        await does(tx, ids, case, Deed.SEND, Side.SHOP, parcel=a_parcel("out", 1, sku_id=other))
    await tx.execute(
        "UPDATE stock SET on_hand = 1, received = received + 1 WHERE cell = $1 AND sku_id = $2",
        cell_of(case.sku_id),
        case.sku_id,
    )
    await tx.execute(
        "INSERT INTO stock_move (cell, sku_id, warehouse_id, kind, quantity, why, occurred_at)"
        " VALUES ($1, $2, $3, 'receive', 1, 'test', $4)",
        cell_of(case.sku_id),
        case.sku_id,
        town.goods[0].warehouse_id,
        NOON,
    )
    case = await does(tx, ids, case, Deed.SEND, Side.SHOP, parcel=a_parcel("out", 1))
    assert await stock_of(tx, town.goods[0]) == (0, 0, 2)
    case = await does(tx, ids, case, Deed.CONFIRM, Side.BUYER)
    assert (case.state, await refunds_of(tx, order_id)) == (CaseState.SETTLED, [])
    await sound(tx)


async def test_a_replacement_nobody_sends_becomes_a_refund(
    tx: Tx, ids: IdMaker, sound: Sound
) -> None:
    town = await a_town(tx, ids, stock=5)
    await takes_returns(tx, town.shops[0])
    order_id = await an_order(tx, ids, town, until="shipped", pieces=1)
    case = await an_open_case(tx, ids, town, order_id, kind=CaseKind.EXCHANGE, reason="wrong_size")
    case = await does(tx, ids, case, Deed.AGREE, Side.SHOP)
    case = await does(tx, ids, case, Deed.SEND_BACK, Side.BUYER, parcel=a_parcel("back", 1))
    case = await does(tx, ids, case, Deed.RECEIVE, Side.SHOP, is_sellable=True)
    case = await does(tx, ids, case, Deed.LAPSE, Side.CLOCK, at=NOON + timedelta(days=5))
    assert (case.state, case.refunded_minor) == (CaseState.SETTLED, town.goods[0].price_minor)
    assert await stock_of(tx, town.goods[0]) == (5, 0, 0)
    await sound(tx)


async def test_missing_goods_are_sent_from_the_shelf(tx: Tx, ids: IdMaker, sound: Sound) -> None:
    town = await a_town(tx, ids, stock=5)
    order_id = await an_order(tx, ids, town, until="shipped", pieces=2)
    case = await an_open_case(
        tx, ids, town, order_id, kind=CaseKind.RESEND, reason="missing", pictures=(1,)
    )
    case = await does(tx, ids, case, Deed.AGREE, Side.SHOP)
    case = await does(tx, ids, case, Deed.SEND, Side.SHOP, parcel=a_parcel("out", 1))
    assert await stock_of(tx, town.goods[0]) == (2, 0, 2)
    case = await does(tx, ids, case, Deed.LAPSE, Side.CLOCK, at=NOON + timedelta(days=10))
    assert case.state is CaseState.SETTLED
    await sound(tx)


async def test_the_price_fell_once(tx: Tx, ids: IdMaker, sound: Sound) -> None:
    town = await a_town(tx, ids, price_minor=2_000)
    order_id = await an_order(tx, ids, town, until="to_ship", pieces=2)
    sku = town.goods[0].sku_id
    await tx.execute(
        "UPDATE sku SET price_minor = 1500 WHERE cell = $1 AND id = $2", cell_of(sku), sku
    )
    wish = {"kind": CaseKind.PRICE, "reason": "price_fell"}
    case = await an_open_case(tx, ids, town, order_id, **wish)
    assert case.amount_minor == 1_000
    case = await does(tx, ids, case, Deed.AGREE, Side.SHOP)
    assert case.refunded_minor == 1_000
    assert await state_of(tx, order_id) == 20
    with pytest.raises(Refusals, match=r"aftersale\.price_once"):
        await an_open_case(tx, ids, town, order_id, **wish)
    await sound(tx)


async def test_price_protection_knows_the_price_this_buyer_would_pay(
    tx: Tx, ids: IdMaker, sound: Sound
) -> None:
    town = await a_town(tx, ids, price_minor=2_000)
    order_id = await an_order(tx, ids, town, until="shipped", pieces=2)
    wish = {"kind": CaseKind.PRICE, "reason": "price_fell"}
    with pytest.raises(Refusals, match=r"aftersale\.price_not_fallen"):
        await an_open_case(tx, ids, town, order_id, **wish)
    await an_offer(tx, ids, town.goods[:1], price_minor=1_200)
    case = await an_open_case(tx, ids, town, order_id, **wish)
    assert case.amount_minor == 2 * (2_000 - 1_200)  # the list price still stands at 2,000
    case = await does(tx, ids, case, Deed.WITHDRAW, Side.BUYER)
    other = await an_open_case(tx, ids, town, order_id)  # a refund, changed into price protection
    changed = a_wish(**wish)
    other = await does(tx, ids, other, Deed.CHANGE, Side.BUYER, wish=changed)
    assert (other.kind, other.amount_minor) == (CaseKind.PRICE, 1_600)
    await sound(tx)


async def test_goods_that_left_meanwhile(tx: Tx, ids: IdMaker, sound: Sound) -> None:
    town = await a_town(tx, ids)
    order_id = await an_order(tx, ids, town, until="to_ship")
    case = await an_open_case(tx, ids, town, order_id, reason="not_wanted")
    await ship_all(tx, ids, [order_id])
    with pytest.raises(GoodsLeft):
        await does(tx, ids, case, Deed.AGREE, Side.SHOP)
    case = await does(tx, ids, case, Deed.LAPSE, Side.CLOCK, at=NOON + timedelta(hours=48))
    assert case.state is CaseState.REFUSED
    await sound(tx)


async def test_of_strangers_late_and_repeated_deeds(tx: Tx, ids: IdMaker) -> None:
    town = await a_town(tx, ids)
    order_id = await an_order(tx, ids, town, until="shipped")
    case = await an_open_case(tx, ids, town, order_id)

    asked = an_asked(case, Deed.AGREE, Side.SHOP)
    with pytest.raises(CaseNotFound):
        await act_once(tx, replace(asked, shop_id=town.shops[1]), ids, confirm_after=CONFIRM_AFTER)
    with pytest.raises(DeadlinePassed):
        await does(tx, ids, case, Deed.AGREE, Side.SHOP, at=NOON + timedelta(hours=48))
    await does(tx, ids, case, Deed.AGREE, Side.SHOP)
    with pytest.raises(CaseMoved):
        await does(tx, ids, case, Deed.AGREE, Side.SHOP)


async def test_what_came_back_wrong_goes_to_the_market(tx: Tx, ids: IdMaker, sound: Sound) -> None:
    town = await a_town(tx, ids)
    await takes_returns(tx, town.shops[0])
    order_id = await an_order(tx, ids, town, until="shipped")
    case = await an_open_case(tx, ids, town, order_id, kind=CaseKind.RETURN)
    case = await does(tx, ids, case, Deed.AGREE, Side.SHOP)
    case = await does(tx, ids, case, Deed.SEND_BACK, Side.BUYER, parcel=a_parcel("back", 1))
    case = await does(tx, ids, case, Deed.REJECT, Side.SHOP, text="An empty box.")
    late = NOON + timedelta(days=7)
    case = await does(tx, ids, case, Deed.LAPSE, Side.CLOCK, at=late)  # nobody ruled
    assert case.state is CaseState.RULED
    case = await does(tx, ids, case, Deed.APPEAL, Side.SHOP, at=late, text="Nobody looked.")
    case = await does(tx, ids, case, Deed.LAPSE, Side.CLOCK, at=late + timedelta(days=7))
    assert (case.state, case.refunded_minor) == (CaseState.SETTLED, case.amount_minor)
    with pytest.raises(CaseMoved):
        await does(tx, ids, case, Deed.REJECT, Side.SHOP, text="Still.")
    await sound(tx)


async def test_a_shop_that_agrees_after_refunding_the_whole_order(
    tx: Tx, ids: IdMaker, sound: Sound
) -> None:
    town = await a_town(tx, ids)
    order_id = await an_order(tx, ids, town, until="to_ship", pieces=2)
    case = await an_open_case(tx, ids, town, order_id, reason="not_wanted")
    wish = RefundAsked(order_id=order_id, actor="shop", at=NOON, why="shop_refunded")
    await refund(tx, [wish], ids)
    case = await does(tx, ids, case, Deed.AGREE, Side.SHOP)
    assert (case.state, case.refund_id) == (CaseState.SETTLED, None)
    assert await steps_of(tx, case.id) == ["asked", "refunded_whole"]
    assert await events_of(tx, case.id) == ["aftersale.asked", "aftersale.closed"]
    assert len(await refunds_of(tx, order_id)) == 1
    await sound(tx)
