"""When an unshipped order may be refunded. Pure; ``refund_orders.sql`` repeats it under lock."""

from jishi.flows.refund_orders.types import RefundOrderVerdict
from jishi.modules.orders import OrderState


def judge(*, state: OrderState | None, is_theirs: bool) -> RefundOrderVerdict:
    if state is None or not is_theirs:
        return RefundOrderVerdict.UNKNOWN
    if state is not OrderState.TO_SHIP:
        return RefundOrderVerdict.WRONG_STATE
    return RefundOrderVerdict.REFUNDED
