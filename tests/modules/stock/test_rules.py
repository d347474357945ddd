"""Stock rules without a database."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jishi.kit.errors import Refusal
from jishi.kit.ids import SkuId, WarehouseId
from jishi.modules.stock import rules
from jishi.modules.stock.types import (
    QUANTITY_MAX,
    Count,
    CountMoved,
    MoveKind,
    NotEnough,
    Quantities,
    QuantityInvalid,
)

moves = st.lists(st.tuples(st.sampled_from(MoveKind), st.integers(1, 50)), max_size=60)


def a_count(on_hand: int, seen: int | None = None) -> Count:
    return Count(sku_id=SkuId(1), warehouse_id=WarehouseId(2), on_hand=on_hand, seen=seen)


@given(moves)
def test_whatever_happens_stock_adds_up_and_equals_the_sum_of_its_journal(
    wanted: list[tuple[MoveKind, int]],
) -> None:
    now, journal = Quantities(), []
    for kind, quantity in wanted:
        try:
            now = rules.moved(now, kind, quantity)
        except NotEnough:
            continue
        journal.append((kind, quantity))
        assert rules.adds_up(now)
    assert rules.total(journal) == now
    assert rules.total(reversed(journal)) == now


@pytest.mark.parametrize("quantity", [0, -1, QUANTITY_MAX + 1, 10**18])
def test_a_quantity_that_is_no_number_of_pieces_is_refused(quantity: int) -> None:
    with pytest.raises(QuantityInvalid):
        rules.moved(Quantities(on_hand=5, received=5), MoveKind.RECEIVE, quantity)


@given(st.integers(0, 1000), st.integers(0, 1000))
def test_counting_always_ends_at_what_was_counted(before: int, counted: int) -> None:
    standing = Quantities(on_hand=before, held=3, received=before + 3)
    move = rules.counted(standing, a_count(counted))
    after = rules.moved(standing, move.kind, move.quantity) if move else standing
    assert after.on_hand == counted
    assert after.held == 3
    assert rules.adds_up(after)


@pytest.mark.parametrize(
    ("_case", "count", "refusal"),
    [
        ("someone bought meanwhile", a_count(9, seen=6), CountMoved),
        ("negative", a_count(-1), QuantityInvalid),
        ("absurd", a_count(10**9), QuantityInvalid),
    ],
)
def test_a_count_that_cannot_be_is_refused(
    _case: str, count: Count, refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        rules.counted(Quantities(on_hand=5, received=5), count)


def test_a_count_equal_to_the_shelf_moves_nothing() -> None:
    assert rules.counted(Quantities(on_hand=5, received=5), a_count(5, seen=5)) is None
