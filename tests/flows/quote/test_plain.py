"""A purchase no rule touches is quoted the same with and without walking through the rules."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from jishi.flows.quote import Asked, MarketFacts, Piece, SkuFacts, plain_quote, quote_of
from jishi.kit.ids import AccountId, ProductId, ShopId, SkuId, WarehouseId
from jishi.kit.regions import Destination

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
SHOPS = st.tuples(st.integers(0, 2_000), st.none() | st.integers(1, 20_000))


@st.composite
def purchases(draw: st.DrawFn) -> tuple[Asked, dict[SkuId, SkuFacts]]:
    """Pieces of up to three shops, in any order, each SKU once."""
    terms = draw(st.lists(SHOPS, min_size=1, max_size=3))
    numbers = draw(st.lists(st.integers(1, 99), min_size=1, max_size=8, unique=True))
    skus = {
        SkuId(number): SkuFacts(
            sku_id=SkuId(number),
            product_id=ProductId(number),
            shop_id=ShopId(at := draw(st.integers(0, len(terms) - 1))),
            title="Tea",
            options=[],
            picture=None,
            price_minor=draw(st.integers(1, 5_000)),
            on_sale=True,
            warehouse_id=WarehouseId(1),
            on_hand=100,
            shop_state="open",
            freight_minor=terms[at][0],
            free_freight_from_minor=terms[at][1],
            fee_bp=60,
        )
        for number in numbers
    }
    pieces = [Piece(number, draw(st.integers(1, 20))) for number in skus]
    asked = Asked(
        buyer_id=AccountId(7), pieces=pieces, destination=Destination(is_abroad=True), now=NOON
    )
    return asked, skus


@given(purchases())
def test_it_is_the_same_quote(purchase: tuple[Asked, dict[SkuId, SkuFacts]]) -> None:
    asked, skus = purchase
    market = MarketFacts(skus=skus, on_shelf={}, warehouses={})
    plain, whole = plain_quote(asked, skus), quote_of(asked, market, skus)
    assert plain is not None
    assert plain.priced.orders == whole.priced.orders
    assert plain.undeliverable == whole.undeliverable == frozenset()
