import pytest
from hypothesis import given
from hypothesis import strategies as st

from jishi.flows.ship_orders import LineShipped, ShipVerdict
from jishi.flows.ship_orders.rules import REFUSALS, check, judge
from jishi.flows.ship_orders.types import CarrierMissing, OrderTwice, TooManyPieces, WaybillInvalid
from jishi.kit.ids import OrderId, ShopId
from jishi.kit.moves import may_move
from jishi.modules.orders import MOVES, OrderState
from tests.support.makers import a_shipment

_V = ShipVerdict
LEFT = st.dictionaries(st.integers(1, 5), st.integers(0, 6), min_size=1, max_size=5)
NEXT = {_V.SHIPPED: OrderState.SHIPPED, _V.PART_SHIPPED: OrderState.PART_SHIPPED}


def parts(pairs: list[tuple[int, int]]) -> list[LineShipped]:
    return [LineShipped(line=line, quantity=pieces) for line, pieces in pairs]


@pytest.mark.parametrize("state", OrderState)
def test_only_what_is_to_ship_is_shipped(state: OrderState) -> None:
    for asked in ([], [(1, 1)], [(1, 2), (2, 1)]):
        verdict = judge(state=state, left={1: 2, 2: 1}, asked=parts(asked))
        if verdict in NEXT:
            assert may_move(state, NEXT[verdict], MOVES)
        else:
            assert verdict is _V.WRONG_STATE


@pytest.mark.parametrize(
    ("_case", "asked", "verdict"),
    [
        ("all that is left", [], _V.SHIPPED),
        ("all, line by line", [(1, 2), (2, 1)], _V.SHIPPED),
        ("all of a line in two entries", [(1, 1), (1, 1), (2, 1)], _V.SHIPPED),
        ("some", [(1, 1)], _V.PART_SHIPPED),
        ("one line whole", [(1, 2)], _V.PART_SHIPPED),
        ("one piece too many", [(1, 3)], _V.TOO_MANY),
        ("too many in two entries", [(1, 2), (1, 1)], _V.TOO_MANY),
        ("nothing of a line", [(1, 0)], _V.TOO_MANY),
        ("less than nothing", [(1, -1)], _V.TOO_MANY),
        ("a line it has not", [(9, 1)], _V.TOO_MANY),
        ("a line that has left", [(3, 1)], _V.TOO_MANY),
    ],
)
def test_a_partial_parcel(_case: str, asked: list[tuple[int, int]], verdict: ShipVerdict) -> None:
    left = {1: 2, 2: 1, 3: 0}
    assert judge(state=OrderState.TO_SHIP, left=left, asked=parts(asked)) is verdict


@given(left=LEFT, asked=st.lists(st.tuples(st.integers(1, 6), st.integers(-1, 7)), max_size=6))
def test_no_parcel_holds_more_than_is_left(
    left: dict[int, int], asked: list[tuple[int, int]]
) -> None:
    verdict = judge(state=OrderState.PART_SHIPPED, left=left, asked=parts(asked))
    if not asked:
        assert verdict is _V.SHIPPED
        return
    sums = {line: sum(p for at, p in asked if at == line) for line, _ in asked}
    fits = all(0 < pieces <= left.get(line, 0) for line, pieces in sums.items())
    assert (verdict is not _V.TOO_MANY) is fits
    if fits:
        all_gone = all(sums.get(line, 0) == pieces for line, pieces in left.items())
        assert verdict is (_V.SHIPPED if all_gone else _V.PART_SHIPPED)


def test_every_verdict_is_a_move_or_a_refusal() -> None:
    assert set(NEXT) | set(REFUSALS) == set(_V)
    assert not set(NEXT) & set(REFUSALS)


@pytest.mark.parametrize(
    ("_case", "changes", "refusal", "field"),
    [
        ("no carrier", {"carrier": ""}, CarrierMissing, "shipments[1].carrier"),
        ("no number", {"waybill": ""}, WaybillInvalid, "shipments[1].waybill"),
        ("a short number", {"waybill": "SF1"}, WaybillInvalid, "shipments[1].waybill"),
        ("a long number", {"waybill": "S" * 41}, WaybillInvalid, "shipments[1].waybill"),
        ("a number with a space", {"waybill": "SF 123456"}, WaybillInvalid, "shipments[1].waybill"),
        ("a line end after it", {"waybill": "SF123456\n"}, WaybillInvalid, "shipments[1].waybill"),
        ("a null byte in the carrier", {"carrier": "S\0F"}, CarrierMissing, "shipments[1].carrier"),
        ("a line beyond all lines", {"lines": parts([(40_000, 1)])}, TooManyPieces, "shipments[1].lines"),
        ("a line below all lines", {"lines": parts([(-1, 1)])}, TooManyPieces, "shipments[1].lines"),
        ("pieces beyond counting", {"lines": parts([(1, 2**70)])}, TooManyPieces, "shipments[1].lines"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_by_field(
    _case: str, changes: dict[str, object], refusal: type, field: str
) -> None:
    good, bad = (a_shipment(OrderId(number), ShopId(1)) for number in (1, 2))
    bad = a_shipment(OrderId(2), ShopId(1), **changes) if "lines" not in changes else bad
    if "lines" in changes:
        lines = changes["lines"]
        assert isinstance(lines, list)
        bad = a_shipment(OrderId(2), ShopId(1), [(each.line, each.quantity) for each in lines])
    answers = check([good, bad])
    assert answers[0] is None
    assert isinstance(answers[1], refusal)
    assert answers[1].field == field


def test_an_order_twice_in_a_list_is_told_at_the_second() -> None:
    answers = check([a_shipment(OrderId(1), ShopId(1)) for _ in range(2)])
    assert answers[0] is None
    assert isinstance(answers[1], OrderTwice)
