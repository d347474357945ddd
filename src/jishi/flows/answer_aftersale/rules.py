"""An order's line as after-sale judges it, and a case's refund as the refunding flow takes it. Pure."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from jishi.flows.refund_orders import Goods, RefundAsked, RefundLine
from jishi.modules.aftersale import Act, Case, LineStands, MoneyBack, Moved
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


def line_stands(row: Mapping[str, Any]) -> LineStands:
    """A row of ``line_facts.sql`` in the words of the rules."""
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
        price_now_minor=row["price_now_minor"],
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


def rounds(items: Sequence[tuple[Act, Moved]]) -> list[list[int]]:
    """Positions of moves with money, in rounds that name each order once."""
    made: list[tuple[set[int], list[int]]] = []
    for at, (_, moved) in enumerate(items):
        if moved.money is None:
            continue
        order_id = moved.case.order_id
        for orders, places in made:
            if order_id not in orders:
                orders.add(order_id)
                places.append(at)
                break
        else:
            made.append(({order_id}, [at]))
    return [places for _, places in made]


def _days(days: int | None, usual: timedelta) -> timedelta:
    return usual if days is None else timedelta(days=days)
