"""What moves do to quantities. Pure."""

from collections.abc import Iterable

from jishi.kit.text import clean
from jishi.modules.stock.types import (
    EFFECTS,
    QUANTITY_MAX,
    WHY_MAX,
    Count,
    CountMoved,
    Move,
    MoveKind,
    NotEnough,
    Quantities,
    QuantityInvalid,
)


def moved(before: Quantities, kind: MoveKind, quantity: int) -> Quantities:
    """``before`` after a move. Raises QuantityInvalid, NotEnough when a quantity would fall below 0."""
    check_quantity(quantity)
    after = _added(before, kind, quantity)
    if min(after.on_hand, after.held, after.sold, after.lost, after.received) < 0:
        raise NotEnough(field="quantity", on_hand=before.on_hand)
    if after.on_hand > QUANTITY_MAX:
        raise QuantityInvalid(field="quantity", least=1, limit=QUANTITY_MAX)
    return after


def total(moves: Iterable[tuple[MoveKind, int]]) -> Quantities:
    """The sum of a whole journal, in any order."""
    sums = Quantities()
    for kind, quantity in moves:
        sums = _added(sums, kind, quantity)
    return sums


def adds_up(quantities: Quantities) -> bool:
    parts = (quantities.on_hand, quantities.held, quantities.sold, quantities.lost)
    return min(parts) >= 0 and quantities.received == sum(parts)


def counted(before: Quantities, count: Count) -> Move | None:
    """The move that makes ``on_hand`` what was counted; None when it is so already.

    Raises QuantityInvalid; CountMoved when the shelf is not as the counter had seen it.
    """
    if not 0 <= count.on_hand <= QUANTITY_MAX:
        raise QuantityInvalid(field="on_hand", least=0, limit=QUANTITY_MAX)
    if count.seen is not None and count.seen != before.on_hand:
        raise CountMoved(field="on_hand", on_hand=before.on_hand, seen=count.seen)
    difference = count.on_hand - before.on_hand
    if difference == 0:
        return None
    return Move(
        sku_id=count.sku_id,
        warehouse_id=count.warehouse_id,
        kind=MoveKind.RECEIVE if difference > 0 else MoveKind.TAKE_OUT,
        quantity=abs(difference),
        why=reason(count.why) or "counted",
    )


def check_quantity(quantity: int) -> None:
    """Raises QuantityInvalid for anything but 1 … 100,000,000."""
    if not 1 <= quantity <= QUANTITY_MAX:
        raise QuantityInvalid(field="quantity", least=1, limit=QUANTITY_MAX)


def reason(why: str) -> str:
    """Why something moved: one line of at most 200 characters."""
    return clean(why)[:WHY_MAX]


def _added(before: Quantities, kind: MoveKind, quantity: int) -> Quantities:
    on_hand, held, sold, lost, received = (sign * quantity for sign in EFFECTS[kind])
    return Quantities(
        on_hand=before.on_hand + on_hand,
        held=before.held + held,
        sold=before.sold + sold,
        lost=before.lost + lost,
        received=before.received + received,
    )
