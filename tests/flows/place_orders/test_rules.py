from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jishi.flows.place_orders import CheckoutAsked, LineAsked, Refused, rules
from jishi.flows.place_orders.rules import Demand, admit, check_line, check_request
from jishi.flows.place_orders.types import (
    AmountTooLarge,
    NothingAsked,
    PlannedOrder,
    PriceChanged,
    QuantityInvalid,
    ShopClosed,
    SkuFacts,
    SkuGone,
    SkuTwice,
    StockShort,
    TooManyLines,
)
from jishi.kit.ids import AccountId, AddressId, OrderId, ProductId, ShopId, SkuId, WarehouseId

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
WAREHOUSE = WarehouseId(77)


def a_line(sku: int = 1, quantity: int = 1, price_minor: int = 500) -> LineAsked:
    return LineAsked(sku_id=SkuId(sku), quantity=quantity, price_minor=price_minor)


def a_wish(*lines: LineAsked, **changes: Any) -> CheckoutAsked:
    facts: dict[str, Any] = {
        "buyer_id": AccountId(3),
        "key": "k",
        "request_hash": b"h",
        "address_id": AddressId(4),
        "lines": lines,
        "now": NOON,
    }
    return CheckoutAsked(**{**facts, **changes})


def a_sku(sku: int = 1, **changes: Any) -> SkuFacts:
    facts: dict[str, Any] = {
        "sku_id": SkuId(sku),
        "product_id": ProductId(sku + 1_000),
        "shop_id": ShopId(9),
        "title": "Tea",
        "options": (),
        "picture": None,
        "price_minor": 500,
        "on_sale": True,
        "warehouse_id": WAREHOUSE,
        "on_hand": 10,
        "shop_state": "open",
        "freight_minor": 0,
        "free_freight_from_minor": None,
        "fee_bp": 60,
    }
    return SkuFacts(**{**facts, **changes})


def planned(wish: CheckoutAsked, *skus: SkuFacts) -> list[PlannedOrder] | Refused:
    numbers = count(1)
    return rules.plan_orders(
        wish, {sku.sku_id: sku for sku in skus}, order_id=lambda shop: OrderId(next(numbers))
    )


@pytest.mark.parametrize(
    ("_case", "quantity"),
    [("none", 0), ("less than none", -1), ("a billion", 10**9), ("one more than the most", 10_000)],
)
def test_a_quantity_that_makes_no_sense_is_refused_by_its_line(_case: str, quantity: int) -> None:
    (refusal,) = check_request(a_wish(a_line(1), a_line(2, quantity)))
    assert isinstance(refusal, QuantityInvalid)
    assert refusal.field == "lines[1].quantity"


def test_a_request_is_checked_as_a_whole() -> None:
    assert check_request(a_wish(a_line(1), a_line(2, 9_999))) == []
    assert isinstance(check_request(a_wish())[0], NothingAsked)
    (many,) = check_request(a_wish(*(a_line(sku) for sku in range(101))))
    assert isinstance(many, TooManyLines)
    (twice,) = check_request(a_wish(a_line(1), a_line(2), a_line(1)))
    assert isinstance(twice, SkuTwice)
    assert twice.field == "lines[2].sku_id"
    assert len(check_request(a_wish(a_line(1, 0), a_line(1, -1)))) == 3


@pytest.mark.parametrize(
    ("_case", "sku", "refusal", "field", "facts"),
    [
        ("unknown", None, SkuGone, "lines[3].sku_id", {}),
        ("taken off", {"on_sale": False}, SkuGone, "lines[3].sku_id", {}),
        ("on holiday", {"shop_state": "holiday"}, ShopClosed, "lines[3].sku_id", {}),
        ("closed", {"shop_state": "closed"}, ShopClosed, "lines[3].sku_id", {}),
        ("dearer", {"price_minor": 501}, PriceChanged, "lines[3].price_minor", {"price_minor": 501}),
        ("cheaper", {"price_minor": 1}, PriceChanged, "lines[3].price_minor", {"price_minor": 1}),
        ("one short", {"on_hand": 1}, StockShort, "lines[3].quantity", {"left": 1, "quantity": 2}),
        ("never had any", {"warehouse_id": None, "on_hand": 0}, StockShort, "lines[3].quantity",
         {"left": 0}),
        ("gone before closed", {"on_sale": False, "shop_state": "closed"}, SkuGone,
         "lines[3].sku_id", {}),
        ("closed before dear", {"shop_state": "closed", "price_minor": 9}, ShopClosed,
         "lines[3].sku_id", {}),
        ("dear before short", {"price_minor": 9, "on_hand": 0}, PriceChanged,
         "lines[3].price_minor", {}),
    ],
)  # fmt: skip
def test_why_a_line_cannot_be_sold(
    _case: str, sku: dict[str, Any] | None, refusal: type, field: str, facts: dict[str, Any]
) -> None:
    found = check_line(3, a_line(quantity=2), None if sku is None else a_sku(**sku))
    assert isinstance(found, refusal)
    assert found.field == field
    assert found.facts.items() >= facts.items()


def test_the_last_piece_can_be_sold() -> None:
    assert check_line(0, a_line(quantity=10), a_sku(on_hand=10)) is None


@pytest.mark.parametrize(
    ("_case", "goods", "free_from", "freight"),
    [
        ("never free", 10**8, None, 800),
        ("just below", 9_899, 9_900, 800),
        ("the threshold itself", 9_900, 9_900, 0),
        ("always free", 1, 0, 0),
    ],
)
def test_flat_freight(_case: str, goods: int, free_from: int | None, freight: int) -> None:
    sku = a_sku(price_minor=goods, freight_minor=800, free_freight_from_minor=free_from)
    found = planned(a_wish(a_line(price_minor=goods)), sku)
    assert not isinstance(found, Refused)
    assert [order.freight_minor for order in found] == [freight]


PRICES = st.integers(1, 10_000)
WISHES = st.lists(st.tuples(st.integers(0, 3), PRICES, st.integers(1, 20)), min_size=1, max_size=12)


@given(
    goods=WISHES,
    freights=st.lists(st.integers(0, 5_000), min_size=4, max_size=4),
    free_from=st.one_of(st.none(), st.integers(0, 100_000)),
)
def test_a_plan_adds_up(
    goods: Sequence[tuple[int, int, int]], freights: Sequence[int], free_from: int | None
) -> None:
    """``goods``: shop, price and pieces of each line."""
    skus = [
        a_sku(
            at,
            shop_id=ShopId(shop + 1),
            price_minor=price,
            on_hand=pieces,
            freight_minor=freights[shop],
            free_freight_from_minor=free_from,
        )
        for at, (shop, price, pieces) in enumerate(goods)
    ]
    lines = [a_line(at, pieces, price) for at, (_, price, pieces) in enumerate(goods)]
    orders = planned(a_wish(*lines), *skus)
    assert not isinstance(orders, Refused)
    shops = list(dict.fromkeys(shop + 1 for shop, _, _ in goods))
    assert [order.shop_id for order in orders] == shops
    assert sorted(line.asked_at for order in orders for line in order.lines) == [*range(len(goods))]
    for order in orders:
        assert [line.line for line in order.lines] == [*range(1, len(order.lines) + 1)]
        assert [line.asked_at for line in order.lines] == sorted(
            line.asked_at for line in order.lines
        )
        assert order.goods_minor == sum(line.price_minor * line.quantity for line in order.lines)
        assert order.freight_minor == sum(line.freight_minor for line in order.lines)
        assert order.amount_minor == order.goods_minor + order.freight_minor
        free = free_from is not None and order.goods_minor >= free_from
        assert order.freight_minor == (0 if free else freights[order.shop_id - 1])


def test_every_line_at_fault_is_told_and_nothing_is_planned() -> None:
    refused = planned(a_wish(a_line(1), a_line(2), a_line(3)), a_sku(1, on_hand=0), a_sku(3))
    assert isinstance(refused, Refused)
    assert [each.field for each in refused.refusals] == ["lines[0].quantity", "lines[1].sku_id"]


def test_one_payment_has_a_limit() -> None:
    gold = a_sku(1, price_minor=10_000_00, on_hand=9_999)
    refused = planned(a_wish(a_line(1, 501, 10_000_00)), gold)
    assert isinstance(refused, Refused)
    assert isinstance(refused.refusals[0], AmountTooLarge)
    assert not isinstance(planned(a_wish(a_line(1, 500, 10_000_00)), gold), Refused)


@pytest.mark.parametrize(
    ("_case", "typed", "kept"),
    [
        ("plain", "leave it at the door", "leave it at the door"),
        ("two lines", "a\r\nb", "a\nb"),
        ("signs no table can keep", "a\x00b", "a b"),
        ("too long", "x" * 201, "x" * 200),
        ("none", "", ""),
    ],
)
def test_a_note_is_kept_as_it_was_meant(_case: str, typed: str, kept: str) -> None:
    orders = planned(a_wish(a_line(1), notes={9: typed}), a_sku(1))
    assert not isinstance(orders, Refused)
    assert orders[0].note == kept


# Admission -------------------------------------------------------------------------------------

PILES = [(1, 1), (2, 1), (3, 1)]
DEMANDS = st.lists(
    st.lists(
        st.tuples(
            st.sampled_from(PILES), st.integers(1, 5), st.sampled_from([None, None, None, "gone"])
        ),
        min_size=1,
        max_size=4,
    ),
    max_size=25,
).map(
    lambda checkouts: [
        Demand(at, pile, pieces, verdict)
        for at, lines in enumerate(checkouts)
        for pile, pieces, verdict in lines
    ]
)
ON_HAND = st.fixed_dictionaries({pile: st.integers(0, 25) for pile in PILES})


def whole(demands: Sequence[Demand], verdicts: Sequence[str | None]) -> dict[int, bool]:
    admitted: dict[int, bool] = {}
    for demand, verdict in zip(demands, verdicts, strict=True):
        admitted[demand.checkout] = admitted.get(demand.checkout, True) and verdict is None
    return admitted


@given(demands=DEMANDS, on_hand=ON_HAND)
def test_nothing_is_sold_that_is_not_there(
    demands: list[Demand], on_hand: dict[tuple[int, int], int]
) -> None:
    admitted = whole(demands, admit(demands, on_hand))
    for pile, pieces in on_hand.items():
        sold = sum(d.quantity for d in demands if d.stock == pile and admitted[d.checkout])
        assert sold <= pieces


@given(demands=DEMANDS, on_hand=ON_HAND)
def test_nobody_is_refused_who_could_have_had_it(
    demands: list[Demand], on_hand: dict[tuple[int, int], int]
) -> None:
    """A checkout without a line at fault is refused only if what went before took its goods."""
    admitted = whole(demands, admit(demands, on_hand))
    left = dict(on_hand)
    for checkout, is_in in admitted.items():
        mine = [demand for demand in demands if demand.checkout == checkout]
        wants = {pile: sum(d.quantity for d in mine if d.stock == pile) for pile in PILES}
        fits = all(wants[pile] <= left[pile] for pile in PILES)
        assert is_in is (fits and all(demand.verdict is None for demand in mine))
        if is_in:
            left = {pile: left[pile] - wants[pile] for pile in PILES}


@given(demands=DEMANDS, on_hand=ON_HAND)
def test_a_later_checkout_never_changes_an_earlier_answer(
    demands: list[Demand], on_hand: dict[tuple[int, int], int]
) -> None:
    answers = admit(demands, on_hand)
    if demands:
        last = demands[-1].checkout
        earlier = [demand for demand in demands if demand.checkout != last]
        assert admit(earlier, on_hand) == answers[: len(earlier)]


@pytest.mark.parametrize(
    ("_case", "demands", "verdicts"),
    [
        ("the last piece", [(0, 3)], [None]),
        ("one too many", [(0, 4)], ["short"]),
        ("first come first served", [(0, 2), (1, 2), (2, 1)], [None, "short", None]),
        ("two lines of one checkout share", [(0, 2), (0, 2)], [None, "short"]),
        ("who is refused leaves it to the next", [(0, 2), (0, 2), (1, 3)], [None, "short", None]),
    ],
)
def test_admit(_case: str, demands: list[tuple[int, int]], verdicts: list[str | None]) -> None:
    asked = [Demand(checkout, (1, 1), pieces) for checkout, pieces in demands]
    assert admit(asked, {(1, 1): 3}) == verdicts
