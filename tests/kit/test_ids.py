from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jishi.kit.ids import (
    CELLS,
    EPOCH_MS,
    ID_MAX,
    NODES,
    SEQUENCES,
    IdMaker,
    cell_for,
    cell_of,
    first_id,
    made_at_ms,
    parse_id,
)

MONDAY_MS = EPOCH_MS + 80_000_000_000


class Clock:
    """Says the given milliseconds one after another, then stays at the last."""

    def __init__(self, *moments: int) -> None:
        self._moments = list(moments)

    def __call__(self) -> int:
        return self._moments.pop(0) if len(self._moments) > 1 else self._moments[0]


@given(cell=st.integers(0, CELLS - 1), node=st.integers(0, NODES - 1), ms=st.integers(0, 1 << 40))
def test_an_id_tells_its_cell_its_node_and_its_moment(cell: int, node: int, ms: int) -> None:
    maker = IdMaker(node, clock_ms=Clock(EPOCH_MS + ms + 1))
    made = maker.make(cell)
    assert cell_of(made) == cell
    assert made_at_ms(made) == EPOCH_MS + ms + 1
    assert (made >> 6) & 255 == maker.node == node
    assert 0 < made <= ID_MAX


@pytest.mark.parametrize("count", [1, 63, 64, 65, 128, 1_000])
def test_a_millisecond_of_more_than_64_ids_borrows_from_the_next(count: int) -> None:
    maker = IdMaker(3, clock_ms=Clock(MONDAY_MS))
    made = [maker.make(7) for _ in range(count)]
    assert made == sorted(set(made))
    assert maker.newest_ms == MONDAY_MS + (count - 1) // SEQUENCES


@given(
    steps=st.lists(st.integers(-5_000, 5_000), min_size=1, max_size=60),
    burst=st.integers(1, 200),
    cells=st.lists(st.integers(0, CELLS - 1), min_size=1, max_size=4),
)
def test_no_id_is_made_twice_whatever_the_clock_does(
    steps: Sequence[int], burst: int, cells: Sequence[int]
) -> None:
    moments, at = [], MONDAY_MS
    for step in steps:
        at += step
        moments += [at] * burst
    maker = IdMaker(9, clock_ms=Clock(*moments))
    made = [maker.make(cells[turn % len(cells)]) for turn in range(len(moments))]
    assert len(set(made)) == len(made)
    for cell in cells:
        of_cell = [each for each in made if cell_of(each) == cell]
        assert of_cell == sorted(of_cell)


def test_a_clock_that_steps_back_an_hour_changes_nothing() -> None:
    maker = IdMaker(1, clock_ms=Clock(MONDAY_MS, MONDAY_MS - 3_600_000, MONDAY_MS - 3_599_999))
    assert made_at_ms(maker.make(0)) == made_at_ms(maker.make(0)) == made_at_ms(maker.make(0))


def test_a_later_holder_of_a_node_starts_after_the_one_before() -> None:
    first = IdMaker(5, clock_ms=Clock(MONDAY_MS))
    made = {first.make(0) for _ in range(500)}
    second = IdMaker(5, after_ms=first.newest_ms, clock_ms=Clock(MONDAY_MS - 60_000))
    later = {second.make(0) for _ in range(500)}
    assert not made & later
    assert min(later) > max(made)


def test_two_nodes_never_make_the_same_id() -> None:
    one, other = (IdMaker(node, clock_ms=Clock(MONDAY_MS)) for node in (0, 255))
    assert not {one.make(4) for _ in range(300)} & {other.make(4) for _ in range(300)}


@pytest.mark.parametrize(
    ("_case", "text", "value"),
    [
        ("one", "1", 1),
        ("the largest", str(ID_MAX), ID_MAX),
        ("one more than the largest", str(ID_MAX + 1), None),
        ("nineteen nines", "9" * 19, None),
        ("twenty digits", "1" * 20, None),
        ("nothing", "", None),
        ("zero", "0", None),
        ("a sign", "-1", None),
        ("a plus", "+1", None),
        ("a space", " 1", None),
        ("a point", "1.0", None),
        ("letters", "abc", None),
        ("digits of another script", "١٢", None),
        ("a power", "²", None),
    ],
)
def test_an_id_is_read_from_plain_digits_only(_case: str, text: str, value: int | None) -> None:
    assert parse_id(text) == value


def test_directory_rows_spread_over_all_cells() -> None:
    found = [cell_for(f"+86138{number:08d}") for number in range(20_000)]
    counts = [found.count(cell) for cell in range(CELLS)]
    assert min(counts) > 40
    assert max(counts) < 130


@given(st.integers(1, 2**40), st.integers(0, CELLS - 1))
def test_the_first_id_of_a_moment_is_not_above_any_made_then(ms: int, cell: int) -> None:
    at = datetime.fromtimestamp(EPOCH_MS / 1000, UTC) + timedelta(milliseconds=ms)
    made = IdMaker(3, clock_ms=Clock(EPOCH_MS + ms)).make(cell)
    assert first_id(at) <= made < first_id(at + timedelta(milliseconds=1))


def test_before_the_first_day_there_are_no_ids() -> None:
    assert first_id(datetime(2020, 1, 1, tzinfo=UTC)) == 0
