"""Reactions to what becomes of orders and reviews."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from jishi.db import Tx
from jishi.db.outbox import Event, Listener
from jishi.modules.notices import rules, service


async def tell(tx: Tx, events: Sequence[Event], now: datetime) -> None:
    await service.tell(tx, rules.told_by(events, now=now))


LISTENERS: Final = [Listener(name="notices", topics=rules.TOPICS, handle=tell)]
