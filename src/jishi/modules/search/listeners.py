"""When goods are listed, changed or taken off, what they are found by follows."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from jishi.db import Tx
from jishi.db.outbox import Event, Listener
from jishi.kit.ids import ShopId
from jishi.modules.search import service

PRODUCTS: Final = frozenset({"catalogue.listed", "catalogue.changed", "catalogue.delisted"})
SHOPS: Final = frozenset({"shops.changed"})


async def index(tx: Tx, events: Sequence[Event], now: datetime) -> None:
    """Each product once, however often it changed; a shop's goods when the shop did."""
    products = {it.subject_id for it in events if it.topic in PRODUCTS}
    await service.index_products(tx, products, now=now)
    for shop_id in sorted({ShopId(it.subject_id) for it in events if it.topic in SHOPS}):
        await service.index_shop(tx, shop_id, now=now)


LISTENERS: Final = [Listener(name="search.index", topics=PRODUCTS | SHOPS, handle=index)]
