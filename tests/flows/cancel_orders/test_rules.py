from datetime import datetime, timedelta

import pytest

from jishi.flows.cancel_orders import CancelVerdict
from jishi.flows.cancel_orders.rules import judge
from jishi.kit.moves import may_move
from jishi.modules.orders import MOVES, OrderState
from tests.support.makers import NOON

_V = CancelVerdict
TICK = timedelta(microseconds=1)


@pytest.mark.parametrize("state", OrderState)
@pytest.mark.parametrize("why", ["buyer_cancelled", "shop_cancelled", "lapsed"])
def test_only_an_unpaid_order_is_cancelled(state: OrderState, why: str) -> None:
    verdict = judge(state=state, is_theirs=True, why=why, expires_at=NOON, now=NOON)
    assert (verdict is _V.CANCELLED) is (state is OrderState.UNPAID)
    assert (verdict is _V.CANCELLED) is may_move(state, OrderState.CANCELLED, MOVES)


@pytest.mark.parametrize(
    ("_case", "why", "now", "verdict"),
    [
        ("the clock comes early", "lapsed", NOON - TICK, _V.NOT_DUE),
        ("the instant itself is due", "lapsed", NOON, _V.CANCELLED),
        ("the clock comes late", "lapsed", NOON + TICK, _V.CANCELLED),
        ("a person need not wait", "buyer_cancelled", NOON - TICK, _V.CANCELLED),
        ("a person may be late", "shop_cancelled", NOON + TICK, _V.CANCELLED),
    ],
)
def test_when_an_order_lapses(_case: str, why: str, now: datetime, verdict: CancelVerdict) -> None:
    assert (
        judge(state=OrderState.UNPAID, is_theirs=True, why=why, expires_at=NOON, now=now) is verdict
    )


@pytest.mark.parametrize("state", [None, *OrderState])
def test_a_stranger_learns_nothing(state: OrderState | None) -> None:
    verdict = judge(state=state, is_theirs=False, why="lapsed", expires_at=NOON, now=NOON)
    assert verdict is _V.UNKNOWN
