"""A shop's followers are counted in its own cell, from what people's cells tell."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from jishi.db import Tx
from jishi.db.outbox import Event, Listener
from jishi.modules.follows import service


async def count_followers(tx: Tx, events: Sequence[Event], now: datetime) -> None:  # noqa: ARG001
    await service.count_followers(tx, events)


LISTENERS: Final = [
    Listener(name="follows.count", topics=frozenset(service.SIGNS), handle=count_followers)
]
