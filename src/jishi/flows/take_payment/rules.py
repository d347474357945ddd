"""What a recorded payment does to an order. Pure; ``pay_orders.sql`` repeats it under lock."""

from jishi.flows.take_payment.types import PayVerdict
from jishi.modules.orders import OrderState


def judge(
    *,
    state: OrderState | None,
    closed_why: str | None,
    amount_minor: int,
    paid_minor: int,
    is_its_payment: bool,
    taken_before: bool,
    has_free_stock: bool,
) -> PayVerdict:
    """The verdict on one part. ``state`` is None when there is no such order.

    Money for an order that lapsed takes free stock again; for one that was cancelled on purpose, or
    when nothing is left, it goes back. Source: docs/money/late-payment.md.
    """
    if state is None:
        return PayVerdict.UNKNOWN
    if taken_before:
        return PayVerdict.REPEAT
    if amount_minor != paid_minor or not is_its_payment:
        return PayVerdict.WRONG_AMOUNT
    if state is OrderState.UNPAID:
        return PayVerdict.PAID
    if state is OrderState.CANCELLED and closed_why == "lapsed" and has_free_stock:
        return PayVerdict.LATE_PAID
    return PayVerdict.RETURNED
