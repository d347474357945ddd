"""What may stand in a cart."""

import pytest

from jishi.modules.carts import QUANTITY_MAX, QuantityInvalid, quantity_of
from jishi.modules.carts.rules import summed


@pytest.mark.parametrize(("given", "pieces"), [("1", 1), (" 12 ", 12), (9_999, 9_999), ("0007", 7)])
def test_a_whole_number_is_a_quantity(given: str | int, pieces: int) -> None:
    assert quantity_of(given) == pieces


@pytest.mark.parametrize(
    ("_case", "given"),
    [
        ("nothing", ""),
        ("zero", "0"),
        ("below zero", "-1"),
        ("a milliard", "1000000000"),
        ("one too many", "10000"),
        ("a part", "1.5"),
        ("words", "two"),
        ("digits of another script", "٣"),
        ("exponent", "1e3"),
        ("endless digits", "9" * 5000),
    ],
)
def test_anything_else_is_refused_by_field(_case: str, given: str) -> None:
    with pytest.raises(QuantityInvalid) as refused:
        quantity_of(given, field="q.1")
    assert refused.value.field == "q.1"
    assert len(refused.value.facts["quantity"]) <= 12


def test_a_line_never_holds_more_than_it_may() -> None:
    assert summed(2, 3) == 5
    assert summed(QUANTITY_MAX, 1) == QUANTITY_MAX
