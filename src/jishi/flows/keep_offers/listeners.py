"""Reactions to orders: coupons go back or are used again, offers are counted."""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from typing import Final

from jishi.db import Tx, load_sql
from jishi.db.outbox import Event, Listener
from jishi.modules import pricing

_COUNT: Final = load_sql(__package__, "count_offers")
SIGNS: Final = {"orders.paid": 1, "orders.refunded": -1}
ENDED: Final = frozenset({"orders.cancelled", "orders.refunded"})


async def count_offers(tx: Tx, events: Sequence[Event], now: datetime) -> None:
    del now
    orders = [event.subject_id for event in events]
    await tx.execute(_COUNT, orders, [SIGNS[event.topic] for event in events])


async def keep_coupons(tx: Tx, events: Sequence[Event], now: datetime) -> None:
    """In the order things happened; what follows each other of one kind goes in one statement."""
    del now
    told = [it for it in events if it.topic != "orders.paid" or it.payload.get("late")]
    for is_late, run in groupby(told, key=lambda event: event.topic == "orders.paid"):
        move, of_kind = pricing.take_again if is_late else pricing.give_back, list(run)
        orders = [event.subject_id for event in of_kind]
        await move(tx, orders, now=max(event.occurred_at for event in of_kind))


LISTENERS: Final = [
    Listener("count_offers", frozenset(SIGNS), count_offers),
    Listener("keep_coupons", ENDED | {"orders.paid"}, keep_coupons),
]
