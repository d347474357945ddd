"""What a cart and a checkout come to."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jishi.flows.checkout import rules
from jishi.flows.checkout.types import Change, Goods, Quote, Wanted
from jishi.flows.place_orders.rules import check_line
from jishi.flows.place_orders.types import LineAsked
from jishi.flows.quote import Asked, MarketFacts, Piece, SkuFacts
from jishi.flows.quote import rules as quoting
from jishi.kit.ids import ProductId, ShopId, SkuId, WarehouseId
from jishi.kit.regions import NOWHERE_YET

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)

TEA = Goods(
    sku_id=SkuId(1),
    product_id=ProductId(10),
    name="Tea",
    spec="200 g",
    image=None,
    price_minor=3_300,
    on_sale=True,
    left=5,
    shop_id=ShopId(100),
    shop_name="Hill",
    shop_state="open",
    free_freight_from_minor=6_600,
    ship_within_hours=48,
)


def facts_of(goods: Goods, *, freight_minor: int = 0) -> SkuFacts:
    return SkuFacts(
        sku_id=goods.sku_id,
        product_id=goods.product_id,
        shop_id=goods.shop_id,
        title=goods.name,
        options=[],
        picture=None,
        price_minor=goods.price_minor,
        on_sale=goods.on_sale,
        warehouse_id=WarehouseId(5),
        on_hand=goods.left,
        shop_state=goods.shop_state,
        freight_minor=freight_minor,
        free_freight_from_minor=goods.free_freight_from_minor,
        fee_bp=0,
    )


def want(quantity: int = 1, seen: int = 3_300, sku_id: int = 1) -> Wanted:
    return Wanted(sku_id=SkuId(sku_id), quantity=quantity, seen_minor=seen)


@pytest.mark.parametrize(
    ("_case", "wanted", "goods", "change", "quantity"),
    [
        ("as it was", want(2), TEA, Change.NONE, 2),
        ("dearer", want(2, seen=3_000), TEA, Change.PRICE, 2),
        ("fewer left", want(9), TEA, Change.SHORT, 5),
        ("none left", want(1), replace(TEA, left=0), Change.SOLD_OUT, 0),
        ("taken off", want(1), replace(TEA, on_sale=False), Change.GONE, 0),
        ("there is none", want(1), None, Change.GONE, 0),
        ("on holiday", want(1), replace(TEA, shop_state="holiday"), Change.CLOSED, 0),
    ],
)
def test_a_line_says_what_changed(
    _case: str, wanted: Wanted, goods: Goods | None, change: Change, quantity: int
) -> None:
    line = rules.quote_line(wanted, goods)
    assert (line.change, line.quantity) == (change, quantity)


@given(
    quantity=st.integers(1, 12),
    left=st.integers(0, 12),
    on_sale=st.booleans(),
    shop_state=st.sampled_from(["open", "holiday", "closed"]),
    seen=st.sampled_from([3_300, 3_000]),
)
def test_what_is_told_unchanged_is_what_placing_takes(
    *, quantity: int, left: int, on_sale: bool, shop_state: str, seen: int
) -> None:
    goods = replace(TEA, left=left, on_sale=on_sale, shop_state=shop_state)
    line = rules.quote_line(want(quantity, seen), goods)
    facts = facts_of(goods)
    asked = LineAsked(sku_id=goods.sku_id, quantity=quantity, price_minor=seen)
    assert (check_line(0, asked, facts) is None) == (line.change is Change.NONE)


def quote_of(wanted: list[Wanted], goods: list[Goods], *, freight_minor: int = 800) -> Quote:
    """What a cart of these goods comes to where nobody makes an offer."""
    by_id = {it.sku_id: it for it in goods}
    lines = [rules.quote_line(it, by_id.get(it.sku_id)) for it in wanted]
    bought = [line for line in lines if line.quantity]
    facts = {it.sku_id: facts_of(it, freight_minor=freight_minor) for it in goods}
    asked = Asked(
        buyer_id=None,
        pieces=[Piece(line.wanted.sku_id, line.quantity) for line in bought],
        destination=NOWHERE_YET,
        now=NOON,
    )
    market = MarketFacts(skus=facts, on_shelf={}, warehouses={})
    return rules.quote(lines, quoting.quote_of(asked, market) if bought else None)


def test_freight_is_once_per_shop_and_free_from_its_threshold() -> None:
    other = replace(TEA, sku_id=SkuId(2), shop_id=ShopId(200))
    third = replace(TEA, sku_id=SkuId(3))
    near = quote_of([want(1), want(1, sku_id=2)], [TEA, other])
    assert [shop.freight_minor for shop in near.shops] == [800, 800]
    assert [shop.free_from_minor for shop in near.shops] == [6_600, 6_600]
    assert near.total_minor == 3_300 * 2 + 1_600
    free = quote_of([want(1), want(1, sku_id=2), want(1, sku_id=3)], [TEA, other, third])
    assert [[line.wanted.sku_id for line in shop.lines] for shop in free.shops] == [[1, 3], [2]]
    assert (free.shops[0].freight_minor, free.shops[0].free_from_minor) == (0, None)


def test_what_cannot_be_bought_costs_nothing_and_stands_apart() -> None:
    gone = replace(TEA, sku_id=SkuId(2), left=0)
    quote = quote_of([want(1, sku_id=2), want(1)], [TEA, gone])
    assert [line.wanted.sku_id for line in quote.out] == [2]
    assert (quote.pieces, quote.total_minor) == (1, 3_300 + 800)
    assert quote.is_changed
    none = quote_of([want(1, sku_id=2)], [gone])
    assert (none.shops, none.total_minor, len(none.out)) == ([], 0, 1)


def test_a_line_reads_back_as_it_was_written() -> None:
    line = rules.quote_line(want(9, seen=3_000), TEA)
    assert rules.read_line(rules.write_line(line)) == want(5, seen=3_300)


@pytest.mark.parametrize(
    "text",
    ["", "1", "1.2", "1.2.3.4.5", "1.2.3.-4", "x.1.1", "1.-1.1", "1.1.1e9", "1.²." + "1", "0.1.1"],
)
def test_what_is_no_line_is_none(text: str) -> None:
    assert rules.read_line(text) is None
