"""When an order may be cancelled. Pure; ``cancel_orders.sql`` repeats it under lock."""

from datetime import datetime

from jishi.flows.cancel_orders.types import CancelVerdict
from jishi.modules.orders import OrderState


def judge(
    *,
    state: OrderState | None,
    is_theirs: bool,
    why: str,
    expires_at: datetime,
    now: datetime,
) -> CancelVerdict:
    """The instant ``expires_at`` itself is due."""
    if state is None or not is_theirs:
        return CancelVerdict.UNKNOWN
    if state is not OrderState.UNPAID:
        return CancelVerdict.WRONG_STATE
    if why == "lapsed" and now < expires_at:
        return CancelVerdict.NOT_DUE
    return CancelVerdict.CANCELLED
