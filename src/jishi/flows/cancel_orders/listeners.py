"""A payment closes when the last order it was for is cancelled."""

from collections.abc import Sequence
from datetime import datetime

from jishi.db import Tx
from jishi.db.outbox import Event, Listener
from jishi.flows.cancel_orders.flow import close_payments


async def _close(tx: Tx, events: Sequence[Event], now: datetime) -> None:
    del now
    await close_payments(tx, sorted({int(event.payload["payment_id"]) for event in events}))


LISTENERS = [Listener("cancel_orders.close_payments", frozenset({"orders.cancelled"}), _close)]
