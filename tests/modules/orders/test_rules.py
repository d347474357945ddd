import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jishi import verify
from jishi.kit.moves import reachable
from jishi.modules.orders import MOVES, OrderState, units
from jishi.modules.orders.types import WORDS

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
ENDS = {OrderState.COMPLETED, OrderState.REFUNDED}  # of a completed one the money may still go back


def test_every_state_has_moves_and_words() -> None:
    assert set(MOVES) == set(WORDS) == set(OrderState)


def test_every_state_is_reached_from_unpaid() -> None:
    assert reachable(OrderState.UNPAID, MOVES) == set(OrderState)


def test_only_refunded_is_final() -> None:
    assert {state for state in OrderState if not MOVES[state]} == {OrderState.REFUNDED}


@pytest.mark.parametrize("state", OrderState)
def test_every_order_can_come_to_an_end(state: OrderState) -> None:
    assert reachable(state, MOVES) & ENDS


def test_a_refunded_or_completed_order_never_wakes() -> None:
    assert reachable(OrderState.REFUNDED, MOVES) == {OrderState.REFUNDED}
    assert reachable(OrderState.COMPLETED, MOVES) == ENDS


def test_nothing_paid_can_be_cancelled() -> None:
    assert [state for state in OrderState if OrderState.CANCELLED in MOVES[state]] == [
        OrderState.UNPAID
    ]


def test_the_table_knows_every_state() -> None:
    text = next(Path("migrations").glob("0002_*.sql")).read_text()
    found = re.search(r"sale_order_state CHECK\s+\(state IN \(([^)]*)\)\)", text)
    assert found
    assert {int(number) for number in found[1].split(",")} == {int(state) for state in OrderState}


def test_verify_knows_the_same_moves() -> None:
    text = verify.text_of("steps_follow_moves")
    values = text[text.index("VALUES") : text.index("SELECT s.order_id")]
    pairs = {(int(a), int(b)) for a, b in re.findall(r"\((\d+), (\d+)\)", values)}
    assert pairs == {(int(a), int(b)) for a, targets in MOVES.items() for b in targets}


@given(amount=st.integers(0, 10**11), quantity=st.integers(1, 9_999))
def test_units_add_up_and_differ_by_one_at_most(amount: int, quantity: int) -> None:
    parts = units(amount, quantity)
    assert len(parts) == quantity
    assert sum(parts) == amount
    assert max(parts) - min(parts) <= 1
    assert parts == sorted(parts, reverse=True)
