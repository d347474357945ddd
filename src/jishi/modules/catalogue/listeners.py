"""When a shop is renamed, its goods are found under the new name."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from jishi.db import Tx
from jishi.db.outbox import Event, Listener
from jishi.kit.ids import ShopId
from jishi.modules.catalogue import service


async def reword(tx: Tx, events: Sequence[Event], now: datetime) -> None:  # noqa: ARG001
    """Once per shop, however often it was renamed."""
    renamed = {ShopId(it.subject_id) for it in events if it.payload.get("is_renamed")}
    for shop_id in sorted(renamed):
        await service.reword_shop(tx, shop_id)


LISTENERS: Final = [
    Listener(name="catalogue.words", topics=frozenset({"shops.changed"}), handle=reword)
]
