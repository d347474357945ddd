"""An order's line as after-sale judges it, and a case's refund as the refunding flow takes it. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from jishi.flows.refund_orders import Goods, RefundAsked, RefundLine
from jishi.kit.money import split
from jishi.modules.aftersale import Act, Case, LineStands, MoneyBack
from jishi.modules.aftersale.types import CHANGE_MIND, PRICE_WITHIN, WINDOW
from jishi.modules.orders import LineLeft, OrderState, refund_cap

ALIVE: Final = frozenset(
    {OrderState.TO_SHIP, OrderState.PART_SHIPPED, OrderState.SHIPPED, OrderState.COMPLETED}
)


def line_left(row: Mapping[str, Any]) -> LineLeft:
    """What of a line has not been refunded, from its columns."""
    buyer = row["amount_minor"] - row["platform_minor"] - row["creator_minor"]
    return LineLeft(
        units=row["quantity"] - row["refunded_quantity"],
        buyer_minor=buyer - row["refunded_minor"],
        platform_minor=row["platform_minor"] - row["refunded_platform_minor"],
        creator_minor=row["creator_minor"] - row["refunded_creator_minor"],
    )


def line_stands(row: Mapping[str, Any], price_now_minor: int | None = None) -> LineStands:
    """A row of ``line_facts.sql`` in the words of the rules; without a price nothing is protected."""
    left = line_left(row)
    state = OrderState(row["state"])
    goods_paid = row["goods_minor"] - row["platform_minor"] - row["creator_minor"]
    gone_back = row["refunded_quantity"] - row["cancelled_quantity"]
    return LineStands(
        is_alive=state in ALIVE,
        completed_at=row["closed_at"] if state is OrderState.COMPLETED else None,
        paid_at=row["paid_at"],
        window=_days(row["window_days"], WINDOW),
        change_mind=_days(row["change_mind_days"], CHANGE_MIND),
        price_within=_days(row["price_days"], PRICE_WITHIN),
        quantity=row["quantity"],
        units_left=left.units,
        to_ship=row["quantity"] - row["shipped_quantity"] - row["cancelled_quantity"],
        at_buyer=row["shipped_quantity"] - gone_back,
        buyer_minor=left.buyer_minor,
        all_payers_minor=left.buyer_minor + left.platform_minor + left.creator_minor,
        goods_paid_minor=max(0, goods_paid),
        price_now_minor=price_now_minor if row["is_sold"] else None,
        had_price=row["had_price"],
        swaps=frozenset(row["swaps"]),
        cap=lambda quantity: (
            refund_cap(left, min(quantity, left.units)).buyer_minor if quantity else 0
        ),
    )


def refund_asked(case: Case, act: Act, money: MoneyBack, why: str) -> RefundAsked:
    """A case's money as a wish to ``refund_orders``."""
    line = RefundLine(line=case.line, quantity=money.quantity, amount_minor=money.amount_minor)
    return RefundAsked(
        order_id=case.order_id,
        actor=act.side.value,
        at=act.at,
        why=f"aftersale_{why}",
        actor_id=act.account_id,
        goods=Goods(money.goods),
        lines=[line],
        case_id=case.id,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class LineMoney:
    """The buyer's money left in a line; ``to_send`` when units of it have not left yet."""

    line: int
    left_minor: int
    to_send: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FreightPlan:
    """Money alone of lines, and what they cannot give. ``lines`` sum to ``refunded_minor``."""

    lines: Sequence[RefundLine]
    refunded_minor: int
    owed_minor: int


def freight_lines(lines: Sequence[LineMoney], freight_minor: int) -> FreightPlan:
    """How the freight of a return comes out of an order's lines, in proportion to what is left of each.

    A line with units to send keeps at least one minor unit: all of it would be a cancellation.
    """
    room = [max(it.left_minor - (1 if it.to_send else 0), 0) for it in lines]
    paid = min(freight_minor, sum(room))
    parts = split(paid, room) if paid else [0] * len(room)
    asked = [
        RefundLine(line=it.line, quantity=0, amount_minor=part)
        for it, part in zip(lines, parts, strict=True)
        if part
    ]
    return FreightPlan(lines=asked, refunded_minor=paid, owed_minor=freight_minor - paid)


def _days(days: int | None, usual: timedelta) -> timedelta:
    return usual if days is None else timedelta(days=days)
