from enum import Enum

import pytest

from jishi.kit.moves import MoveForbidden, may_move, move, reachable


class Door(Enum):
    OPEN = 1
    SHUT = 2
    WALLED = 3
    PAINTED = 4


MOVES = {
    Door.OPEN: frozenset({Door.SHUT}),
    Door.SHUT: frozenset({Door.OPEN, Door.WALLED}),
    Door.WALLED: frozenset[Door](),
    Door.PAINTED: frozenset({Door.OPEN}),
}


def test_a_move_in_the_table_is_made() -> None:
    assert move(Door.SHUT, Door.WALLED, MOVES) is Door.WALLED


def test_a_move_not_in_the_table_is_refused_with_both_states() -> None:
    with pytest.raises(MoveForbidden) as refused:
        move(Door.OPEN, Door.WALLED, MOVES)
    assert refused.value.facts == {"state": Door.OPEN, "to": Door.WALLED}


def test_staying_is_a_move_too() -> None:
    assert not may_move(Door.OPEN, Door.OPEN, MOVES)


@pytest.mark.parametrize(
    ("start", "found"),
    [
        (Door.OPEN, {Door.OPEN, Door.SHUT, Door.WALLED}),
        (Door.WALLED, {Door.WALLED}),
        (Door.PAINTED, set(Door)),
    ],
)
def test_reachable_follows_every_move(start: Door, found: set[Door]) -> None:
    assert reachable(start, MOVES) == found
