from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jishi.kit.money import format_plain, parse_minor, share_down, split

AMOUNTS = st.integers(0, 10**13)
WEIGHTS = st.lists(st.integers(0, 10**9), min_size=1, max_size=40)


@given(amount=st.integers(-(10**13), 10**13), weights=WEIGHTS)
def test_the_parts_are_the_whole(amount: int, weights: Sequence[int]) -> None:
    assert sum(split(amount, weights)) == amount


@given(amount=AMOUNTS, weights=WEIGHTS)
def test_a_part_is_its_exact_share_rounded_up_or_down(amount: int, weights: Sequence[int]) -> None:
    total = sum(weights)
    if total == 0:
        return
    for part, weight in zip(split(amount, weights), weights, strict=True):
        assert amount * weight // total <= part <= -(-amount * weight // total)


@given(amount=AMOUNTS, weights=WEIGHTS)
def test_who_weighs_more_never_gets_less(amount: int, weights: Sequence[int]) -> None:
    parts = split(amount, weights)
    by_weight = sorted(zip(weights, parts, strict=True))
    for (lighter, less), (heavier, more) in pairwise(by_weight):
        assert less <= more or lighter == heavier


@given(amount=AMOUNTS, weights=WEIGHTS)
def test_what_is_owed_splits_as_what_is_had(amount: int, weights: Sequence[int]) -> None:
    assert split(-amount, weights) == [-part for part in split(amount, weights)]


@pytest.mark.parametrize(
    ("_case", "amount", "weights", "parts"),
    [
        ("a tie goes to the earlier", 100, [1, 1, 1], [34, 33, 33]),
        ("two left over", 101, [1, 1, 1], [34, 34, 33]),
        ("the larger remainder first", 10, [1, 2, 4], [1, 3, 6]),
        ("nothing to split", 0, [3, 4], [0, 0]),
        ("one takes all", 7, [5], [7]),
        ("who weighs nothing gets nothing", 7, [0, 5, 0], [0, 7, 0]),
        ("nobody weighs anything", 7, [0, 0, 0], [3, 2, 2]),
        ("fewer than parts", 2, [1, 1, 1, 1], [1, 1, 0, 0]),
        ("a debt", -100, [1, 1, 1], [-34, -33, -33]),
    ],
)
def test_split(_case: str, amount: int, weights: list[int], parts: list[int]) -> None:
    assert split(amount, weights) == parts


def test_nothing_to_split_over_is_a_mistake() -> None:
    with pytest.raises(AssertionError):
        split(1, [])


@given(amount=AMOUNTS, rate_bp=st.integers(0, 10_000))
def test_a_share_never_exceeds_its_exact_value(amount: int, rate_bp: int) -> None:
    share = share_down(amount, rate_bp)
    assert share * 10_000 <= amount * rate_bp < (share + 1) * 10_000
    assert share <= amount


@pytest.mark.parametrize(
    ("_case", "amount", "rate_bp", "share"),
    [
        ("just below one", 166, 60, 0),
        ("just one", 167, 60, 1),
        ("nothing of nothing", 0, 60, 0),
        ("no rate", 10**9, 0, 0),
        ("the whole", 12_345, 10_000, 12_345),
    ],
)
def test_share_down(_case: str, amount: int, rate_bp: int, share: int) -> None:
    assert share_down(amount, rate_bp) == share


@pytest.mark.parametrize(
    ("_case", "text", "currency", "minor"),
    [
        ("whole", "12", "CNY", 1_200),
        ("one digit", "12.5", "CNY", 1_250),
        ("two digits", "12.50", "CNY", 1_250),
        ("zeros beyond the scale", "12.500", "CNY", 1_250),
        ("too fine", "12.505", "CNY", None),
        ("thousands", "1,234.50", "CNY", 123_450),
        ("spaces around", " 3 ", "CNY", 300),
        ("no minor unit", "12", "JPY", 12),
        ("no room after the point", "12.5", "JPY", None),
        ("three digits", "1.234", "KWD", 1_234),
        ("a sign", "-1", "CNY", None),
        ("no whole part", ".5", "CNY", None),
        ("only a point", ".", "CNY", None),
        ("a bare point at the end", "5.", "CNY", None),
        ("nothing", "", "CNY", None),
        ("letters", "12a", "CNY", None),
        ("a power of ten", "1e3", "CNY", None),
        ("digits of another script", "١٢", "CNY", None),
        ("beyond any price", "1" * 14, "CNY", None),
    ],
)
def test_parse_minor(_case: str, text: str, currency: str, minor: int | None) -> None:
    assert parse_minor(text, currency) == minor


@given(minor=st.integers(0, 10**13 - 1), currency=st.sampled_from(["CNY", "JPY", "KWD", "EUR"]))
def test_what_is_written_reads_the_same(minor: int, currency: str) -> None:
    assert parse_minor(format_plain(minor, currency), currency) == minor


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [(5, "CNY", "0.05"), (-5, "CNY", "-0.05"), (123_450, "CNY", "1234.50"), (-7, "JPY", "-7")],
)
def test_format_plain(minor: int, currency: str, text: str) -> None:
    assert format_plain(minor, currency) == text
