"""Invoices follow refunds."""

from collections.abc import Sequence
from datetime import datetime

from jishi.db import Tx
from jishi.db.context import Context
from jishi.db.outbox import Event, Listener
from jishi.flows.invoice_orders.flow import correct
from jishi.kit.ids import OrderId

TOPICS = frozenset({"orders.refunded", "orders.part_refunded"})


def make_listeners(context: Context) -> list[Listener]:
    async def follow(tx: Tx, events: Sequence[Event], now: datetime) -> None:
        for order_id, refund_id in refunds_of(events):
            await correct(tx, order_id, refund_id, maker=context.maker, now=now)

    return [Listener("invoice_orders", TOPICS, follow)]


def refunds_of(events: Sequence[Event]) -> list[tuple[OrderId, int]]:
    """Orders and the newest refund told of each, by order's number: the order locks are taken in."""
    newest = {
        event.subject_id: int(event.payload["refund_id"])
        for event in events
        if event.payload.get("refund_id")
    }
    return [(OrderId(order_id), newest[order_id]) for order_id in sorted(newest)]
