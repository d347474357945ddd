"""State machines as data."""

from collections.abc import Mapping
from typing import TypeVar

from jishi.kit.errors import Kind, Refusal

State = TypeVar("State")


class MoveForbidden(Refusal):
    kind, code = Kind.CONFLICT, "state.move_forbidden"
    text = "This has moved on meanwhile. Reload the page to see where it stands."


def may_move(state: State, to: State, moves: Mapping[State, frozenset[State]]) -> bool:
    return to in moves[state]


def move(state: State, to: State, moves: Mapping[State, frozenset[State]]) -> State:
    """``to``, when the table allows it. Raises MoveForbidden otherwise."""
    if not may_move(state, to, moves):
        raise MoveForbidden(state=state, to=to)
    return to


def reachable(start: State, moves: Mapping[State, frozenset[State]]) -> frozenset[State]:
    """Every state that can be reached from ``start``, itself included."""
    seen, todo = {start}, [start]
    while todo:
        for following in moves[todo.pop()] - seen:
            seen.add(following)
            todo.append(following)
    return frozenset(seen)
