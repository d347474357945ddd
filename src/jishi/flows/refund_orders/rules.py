"""When and how much of an order may be refunded. Pure; ``refund_orders.sql`` repeats it under lock."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from jishi.flows.refund_orders.types import Goods, RefundLine, RefundOrderVerdict
from jishi.modules.orders import LineLeft, OrderState, RefundParts, refund_parts

STATES: Mapping[Goods, frozenset[OrderState]] = {
    Goods.WHOLE: frozenset({OrderState.TO_SHIP}),
    Goods.UNSHIPPED: frozenset({OrderState.TO_SHIP, OrderState.PART_SHIPPED}),
    Goods.RETURNED: frozenset({OrderState.PART_SHIPPED, OrderState.SHIPPED, OrderState.COMPLETED}),
    Goods.KEPT: frozenset(
        {OrderState.TO_SHIP, OrderState.PART_SHIPPED, OrderState.SHIPPED, OrderState.COMPLETED}
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LineStands:
    """A line as it stands: what is left of its money, units not sent yet, units at the buyer's."""

    left: LineLeft
    to_ship: int
    at_buyer: int


def judge(
    *,
    state: OrderState | None,
    is_theirs: bool,
    goods: Goods = Goods.WHOLE,
    lines: Sequence[RefundLine] = (),
    stands: Mapping[int, LineStands] | None = None,
) -> RefundOrderVerdict:
    """The verdict on one wish; ``stands`` by line number, needed for all but whole orders."""
    if state is None or not is_theirs:
        return RefundOrderVerdict.UNKNOWN
    if state not in STATES[goods]:
        return RefundOrderVerdict.WRONG_STATE
    if goods is not Goods.WHOLE:
        parts = [line_parts(goods, line, (stands or {}).get(line.line)) for line in lines]
        numbers = [line.line for line in lines]
        if len(set(numbers)) < len(numbers) or not any(part and part.total_minor for part in parts):
            return RefundOrderVerdict.TOO_MUCH
        if any(part is None for part in parts):
            return RefundOrderVerdict.TOO_MUCH
    return RefundOrderVerdict.REFUNDED


def line_parts(goods: Goods, asked: RefundLine, stands: LineStands | None) -> RefundParts | None:
    """What one line gives back to each payer; None when it cannot.

    Money alone may not take all of a line of which units are still to be sent: that is a
    cancellation, and puts them back on the shelf.
    """
    if stands is None:
        return None
    if asked.quantity == 0:
        takes_all = (asked.amount_minor or 0) >= stands.left.buyer_minor
        if goods is not Goods.KEPT or (stands.to_ship > 0 and takes_all):
            return None
    elif goods is Goods.UNSHIPPED:
        if asked.quantity > stands.to_ship or asked.amount_minor is not None:
            return None
    elif asked.quantity > stands.at_buyer:
        return None
    return refund_parts(stands.left, asked.quantity, asked.amount_minor)
