import pytest
from hypothesis import given
from hypothesis import strategies as st

from jishi.flows.complete_orders import CompleteVerdict
from jishi.flows.complete_orders.rules import judge, settle
from jishi.kit.moves import may_move
from jishi.modules.orders import MOVES, OrderState

_V = CompleteVerdict


@given(amount=st.integers(1, 10**12), part=st.floats(0, 1), fee_bp=st.integers(0, 10_000))
def test_escrow_is_divided_to_the_last_minor_unit(amount: int, part: float, fee_bp: int) -> None:
    refunded = int(amount * part)
    settled = settle(amount_minor=amount, refunded_minor=refunded, fee_bp=fee_bp)
    assert settled.shop_minor + settled.fee_minor == amount - refunded
    assert settled.shop_minor >= 0
    assert 0 <= settled.fee_minor * 10_000 <= (amount - refunded) * fee_bp


@pytest.mark.parametrize(
    ("_case", "amount", "refunded", "fee_bp", "fee"),
    [
        ("a sale", 10_000, 0, 60, 60),
        ("the fee is rounded down", 199, 0, 60, 1),
        ("below one minor unit", 100, 0, 60, 0),
        ("only what was finally paid", 10_000, 4_000, 60, 36),
        ("all was given back", 10_000, 10_000, 60, 0),
        ("no fee", 10_000, 0, 0, 0),
        ("all fee", 10_000, 0, 10_000, 10_000),
    ],
)
def test_settle(_case: str, amount: int, refunded: int, fee_bp: int, fee: int) -> None:
    settled = settle(amount_minor=amount, refunded_minor=refunded, fee_bp=fee_bp)
    assert (settled.shop_minor, settled.fee_minor) == (amount - refunded - fee, fee)


@pytest.mark.parametrize("state", OrderState)
def test_only_a_shipped_order_is_completed(state: OrderState) -> None:
    verdict = judge(state=state, is_theirs=True)
    assert (verdict is _V.COMPLETED) is (state is OrderState.SHIPPED)
    assert (verdict is _V.COMPLETED) <= may_move(state, OrderState.COMPLETED, MOVES)
    assert (verdict is _V.REPEAT) is (state is OrderState.COMPLETED)


@pytest.mark.parametrize("state", [None, *OrderState])
def test_a_stranger_learns_nothing(state: OrderState | None) -> None:
    assert judge(state=state, is_theirs=False) is _V.UNKNOWN
    assert judge(state=None, is_theirs=True) is _V.UNKNOWN
