"""Judge orders past their deadline, and pay what the rule gives."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from jishi.db import Row, Tx, load_sql, outbox
from jishi.db.columns import columns
from jishi.flows.compensate import rules
from jishi.flows.compensate.rules import Decision, LateOrder, LateRule, LinePaid
from jishi.flows.compensate.types import CompensationPaid
from jishi.flows.refund_orders import Goods, RefundAsked, RefundOrderVerdict, refund
from jishi.kit.ids import AccountId, IdMaker, OrderId, RefundId, ShopId
from jishi.modules.orders import OrderState

WHY: Final = "late_compensation"
_CLAIM: Final = load_sql(__package__, "claim_due")
_ORDERS: Final = load_sql(__package__, "late_orders")
_WRITE: Final = load_sql(__package__, "write_compensations")


async def compensate_due(
    tx: Tx, rule: LateRule, maker: IdMaker, *, now: datetime, limit: int
) -> int:
    """Judge up to ``limit`` orders whose deadline passed long enough ago; how many were judged.

    Each is judged once: its promise is closed in the same transaction. With the rule switched off
    promises are closed as well, so that switching it on does not reach back.
    """
    due = await tx.fetch(_CLAIM, now - rule.after, limit)
    fresh = [row["order_id"] for row in due if now - row["ship_by"] < rules.LOOK_BACK]
    if fresh and rule.is_on:
        rows = {row["id"]: row for row in await tx.fetch(_ORDERS, fresh)}
        decided = [
            (row, decision)
            for row in rows.values()
            if (decision := rules.decide(_order(row), rule, now=now)) is not None
        ]
        await _pay(tx, decided, rule, maker, now=now)
    return len(due)


async def _pay(
    tx: Tx,
    decided: Sequence[tuple[Row, Decision]],
    rule: LateRule,
    maker: IdMaker,
    *,
    now: datetime,
) -> None:
    paying = [(row, decision) for row, decision in decided if decision.amount_minor]
    wishes = [
        RefundAsked(
            order_id=OrderId(row["id"]),
            actor="clock",
            at=now,
            why=WHY,
            goods=Goods.KEPT,
            lines=decision.lines,
        )
        for row, decision in paying
    ]
    answers = await refund(tx, wishes, maker) if wishes else []
    refunds = {
        wish.order_id: refund_id
        for wish, (verdict, refund_id) in zip(wishes, answers, strict=True)
        if verdict is RefundOrderVerdict.REFUNDED
    }
    if decided:
        written = [_written(row, decision, refunds.get(row["id"])) for row, decision in decided]
        await tx.execute(_WRITE, *columns(written), rule.version, rule.rate_bp, rule.cap_minor, now)
    await outbox.append(
        tx,
        [
            _told(row, decision, refunds[row["id"]], now)
            for row, decision in paying
            if row["id"] in refunds
        ],
    )


def _order(row: Row) -> LateOrder:
    return LateOrder(
        state=OrderState(row["state"]),
        ship_by=row["ship_by"],
        left_at=row["left_at"],
        lines=[LinePaid(**line) for line in row["lines"] or ()],
    )


def _written(
    row: Row, decision: Decision, refund_id: RefundId | None
) -> tuple[int, int, int, datetime, int, int, int, int | None]:
    return (
        row["id"],
        row["shop_id"],
        row["buyer_id"],
        row["ship_by"],
        decision.late_hours,
        decision.base_minor,
        decision.amount_minor,
        refund_id,
    )


def _told(row: Row, decision: Decision, refund_id: RefundId, now: datetime) -> CompensationPaid:
    return CompensationPaid(
        order_id=OrderId(row["id"]),
        shop_id=ShopId(row["shop_id"]),
        buyer_id=AccountId(row["buyer_id"]),
        refund_id=refund_id,
        amount_minor=decision.amount_minor,
        late_hours=decision.late_hours,
        occurred_at=now,
    )
