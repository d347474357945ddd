"""Labels of orders that ended are given back; those of parcels that left are used."""

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
    ended = sorted({event.subject_id for event in events if event.topic in ENDED})
    if ended:
        await label_book.cancel_of_orders(tx, ended, at=now)


LISTENERS: Final = [Listener("dispatch.labels", ENDED | {SHIPPED}, keep_labels)]
