"""Reactions: an order refunded whole ends its cases; every move of a case is told to who must know."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from jishi.db import Tx
from jishi.db.outbox import Event, Listener
from jishi.flows.answer_aftersale import storage
from jishi.flows.answer_aftersale.news import TOPICS, told_by
from jishi.kit.ids import OrderId
from jishi.modules import aftersale, notices
from jishi.modules.aftersale import Act, Deed, Side, decide


async def end_cases(tx: Tx, events: Sequence[Event], now: datetime) -> None:
    """Settle what is still open of orders that have no money left."""
    order_ids = [OrderId(event.subject_id) for event in events]
    open_ids = await aftersale.open_cases_of(tx, order_ids)
    if not open_ids:
        return
    cases = await storage.lock_with_orders(tx, open_ids)
    around = await storage.around(tx, list(cases.values()))
    act = Act(deed=Deed.VOID, side=Side.CLOCK, at=now)
    moved = [
        (act, decide(case, act, around[case.id].facts)) for case in cases.values() if case.is_open
    ]
    if moved:
        await aftersale.record(tx, moved)


async def tell(tx: Tx, events: Sequence[Event], now: datetime) -> None:
    await notices.tell(tx, told_by(events, now=now))


LISTENERS: Final = [
    Listener(name="aftersale.orders", topics=frozenset({"orders.refunded"}), handle=end_cases),
    Listener(name="aftersale.notices", topics=TOPICS, handle=tell),
]
