"""Reactions to paid and refunded orders."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from jishi.db import Tx, load_sql
from jishi.db.outbox import Event, Listener

_COUNT: Final = load_sql(__package__, "count_sales")
SIGNS: Final = {"orders.paid": 1, "orders.refunded": -1}


async def count_sales(tx: Tx, events: Sequence[Event], now: datetime) -> None:
    del now
    orders = [event.subject_id for event in events]
    await tx.execute(_COUNT, orders, [SIGNS[event.topic] for event in events])


LISTENERS: Final = [Listener("count_sales", frozenset(SIGNS), count_sales)]
