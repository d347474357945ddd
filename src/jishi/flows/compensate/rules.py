"""What a late order is worth to its buyer. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from jishi.flows.refund_orders import RefundLine
from jishi.kit.money import share_down, split
from jishi.modules.orders import OrderState

VERSION: Final = 1
RATE_OUTSIDE_PRODUCTION_BP: Final = 500
# How long after its deadline an order is still looked at: imported history is not compensated.
LOOK_BACK: Final = timedelta(days=30)
STATES: Final = frozenset(
    {OrderState.TO_SHIP, OrderState.PART_SHIPPED, OrderState.SHIPPED, OrderState.COMPLETED}
)
HOUR_SECONDS: Final = 3_600


@dataclass(frozen=True, slots=True, kw_only=True)
class LateRule:
    """``rate_bp`` of what the buyer paid and has not got back, at most ``cap_minor``; 0: switched off."""

    after: timedelta
    rate_bp: int
    cap_minor: int
    version: int = VERSION

    @property
    def is_on(self) -> bool:
        return self.rate_bp > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LinePaid:
    """The buyer's money left in a line; ``to_send`` when units of it have not left yet."""

    line: int
    left_minor: int
    to_send: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LateOrder:
    """An order past its deadline. ``left_at``: when its last piece left; None: not yet."""

    state: OrderState
    ship_by: datetime
    left_at: datetime | None
    lines: Sequence[LinePaid]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """``amount_minor`` 0: nothing is paid. ``lines`` sum to the amount."""

    late_hours: int
    base_minor: int
    amount_minor: int
    lines: Sequence[RefundLine]


def late_rule(*, late_bp: int, after_hours: int, cap_minor: int, is_production: bool) -> LateRule:
    """The rule of a market from its settings; -1 is on outside production, off there."""
    rate = late_bp if late_bp >= 0 else 0 if is_production else RATE_OUTSIDE_PRODUCTION_BP
    return LateRule(after=timedelta(hours=after_hours), rate_bp=rate, cap_minor=cap_minor)


def is_late(order: LateOrder, rule: LateRule, *, now: datetime) -> bool:
    """Whether the order left, or still lies there, ``after`` or more past its deadline."""
    return (order.left_at or now) >= order.ship_by + rule.after


def decide(order: LateOrder, rule: LateRule, *, now: datetime) -> Decision | None:
    """What the buyer gets; None when the order was not late, or ended without a sale.

    A line of which units are still to be sent keeps at least one minor unit: all of it would be a
    cancellation, which puts goods back on the shelf.
    """
    if order.state not in STATES or not rule.is_on or not is_late(order, rule, now=now):
        return None
    late = (order.left_at or now) - order.ship_by
    base = sum(line.left_minor for line in order.lines)
    room = [max(line.left_minor - (1 if line.to_send else 0), 0) for line in order.lines]
    amount = min(share_down(base, rule.rate_bp), rule.cap_minor, sum(room))
    parts = split(amount, room) if amount else [0] * len(room)
    assert all(part <= most for part, most in zip(parts, room, strict=True))
    return Decision(
        late_hours=int(late.total_seconds()) // HOUR_SECONDS,
        base_minor=base,
        amount_minor=amount,
        lines=[
            RefundLine(line=line.line, quantity=0, amount_minor=part)
            for line, part in zip(order.lines, parts, strict=True)
            if part
        ],
    )
