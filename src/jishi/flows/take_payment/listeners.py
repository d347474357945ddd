"""Finishes payments that were recorded when the process died before the orders heard of them."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from jishi.db import Tx
from jishi.db.context import Context
from jishi.db.outbox import Event, Listener
from jishi.flows.take_payment.flow import settle
from jishi.kit.ids import PaymentId

DELAY = timedelta(seconds=5)  # whoever recorded the payment is normally done long before


def make_listeners(context: Context) -> list[Listener]:
    async def finish(tx: Tx, events: Sequence[Event], now: datetime) -> None:
        del now
        payment_ids = sorted({PaymentId(event.subject_id) for event in events})
        await settle(tx, payment_ids, context.maker)

    topics = frozenset({"payments.recorded"})
    return [Listener("take_payment.finish", topics, finish, delay=DELAY)]
