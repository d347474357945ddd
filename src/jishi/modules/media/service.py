"""What the rest of Jishi may ask of media. Each call runs inside the caller's transaction."""

from collections.abc import Sequence

from jishi.db import Tx
from jishi.kit.ids import MediaId, ShopId
from jishi.modules.media import storage


async def media_of_shop(tx: Tx, shop_id: ShopId, ids: Sequence[MediaId]) -> set[MediaId]:
    """Those of the pictures that the shop has uploaded itself."""
    return await storage.media_of_shop(tx, shop_id, ids) if ids else set()
