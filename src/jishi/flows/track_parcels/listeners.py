"""Reactions to paid, shipped and completed orders. One listener, so that a promise comes first."""

from collections.abc import Sequence
from datetime import datetime

from jishi.db import Tx
from jishi.db.context import Context
from jishi.db.outbox import Event, Listener
from jishi.flows.track_parcels import flow
from jishi.modules.fulfilment import Carriers, service_for

TOPICS = frozenset({"orders.paid", "orders.shipped", "orders.completed"})


def make_listeners(context: Context) -> list[Listener]:
    carriers: Carriers = context.services.get("carriers", {})
    zone = context.settings.zone

    def can_ask(carrier: str) -> bool:
        return service_for(carriers, carrier) is not None

    async def handle(tx: Tx, events: Sequence[Event], now: datetime) -> None:
        by_topic: dict[str, list[Event]] = {topic: [] for topic in TOPICS}
        for event in events:
            by_topic[event.topic].append(event)
        if paid := by_topic["orders.paid"]:
            await flow.promise(tx, sorted({event.subject_id for event in paid}))
        if shipped := by_topic["orders.shipped"]:
            parcels = sorted({int(event.payload["parcel_id"]) for event in shipped})
            await flow.follow(tx, parcels, can_ask=can_ask, now=now, zone=zone)
        if completed := by_topic["orders.completed"]:
            orders = sorted({event.subject_id for event in completed})
            await flow.take_confirmed(tx, orders, zone=zone)

    return [Listener("track_parcels", TOPICS, handle)]
