"""Labels of parcels that left are used; those of orders that ended or left otherwise are given back."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from jishi.db import Tx
from jishi.db.outbox import Event, Listener
from jishi.modules.fulfilment import label_book

ENDED: Final = frozenset({"orders.cancelled", "orders.refunded"})
SHIPPED: Final = "orders.shipped"


async def keep_labels(tx: Tx, events: Sequence[Event], now: datetime) -> None:
    shipped = [event for event in events if event.topic == SHIPPED]
    if shipped:
        orders = [event.subject_id for event in shipped]
        numbers = [str(event.payload["waybill"]) for event in shipped]
        await label_book.mark_used(tx, orders, numbers, now=now)
    done = {
        event.subject_id
        for event in events
        if event.topic in ENDED or (event.topic == SHIPPED and event.payload["whole"])
    }
    if done:
        await label_book.cancel_of_orders(tx, sorted(done), at=now)


LISTENERS: Final = [Listener("dispatch.labels", ENDED | {SHIPPED}, keep_labels)]
