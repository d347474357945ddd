import pytest

from jishi.flows.refund_orders import RefundOrderVerdict
from jishi.flows.refund_orders.rules import judge
from jishi.kit.moves import may_move
from jishi.modules.orders import MOVES, OrderState

_V = RefundOrderVerdict


@pytest.mark.parametrize("state", OrderState)
def test_only_a_paid_order_of_which_nothing_left_is_refunded(state: OrderState) -> None:
    verdict = judge(state=state, is_theirs=True)
    assert verdict is (_V.REFUNDED if state is OrderState.TO_SHIP else _V.WRONG_STATE)
    assert (verdict is _V.REFUNDED) <= may_move(state, OrderState.REFUNDED, MOVES)


@pytest.mark.parametrize("state", [None, *OrderState])
def test_a_stranger_learns_nothing(state: OrderState | None) -> None:
    assert judge(state=state, is_theirs=False) is _V.UNKNOWN
