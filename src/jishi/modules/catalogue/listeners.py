"""When a shop is renamed, its goods are found under the new name."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from jishi.db import Tx
from jishi.db.outbox import Event, Listener
from jishi.kit.ids import ShopId
from jishi.modules.catalogue import service


async def reword(tx: Tx, events: Sequence[Event], now: datetime) -> None:  # noqa: ARG001
    """Once per shop, however often it changed."""
    for shop_id in sorted({ShopId(event.subject_id) for event in events}):
        await service.reword_shop(tx, shop_id)


LISTENERS: Final = [
    Listener(name="catalogue.words", topics=frozenset({"shops.changed"}), handle=reword)
]
