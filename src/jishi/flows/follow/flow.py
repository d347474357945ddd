"""The steps of favouring and following. The caller's transaction throughout."""

from datetime import datetime
from typing import Final

from jishi.db import Tx
from jishi.kit.ids import AccountId, IdMaker, ProductId, ShopId, cell_of
from jishi.modules import follows
from jishi.modules.follows.types import NothingToKeep

_PRICE: Final = """
SELECT p.price_from_minor FROM product p JOIN shop h ON h.cell = p.cell AND h.id = p.shop_id
WHERE p.cell = $1 AND p.id = $2 AND p.state <> 'draft' AND h.state <> 'closed'
"""
_SHOP: Final = "SELECT true FROM shop WHERE cell = $1 AND id = $2 AND state <> 'closed'"


async def favour(
    tx: Tx, account_id: AccountId, product_id: ProductId, ids: IdMaker, *, now: datetime
) -> None:
    """Raises NothingToKeep, FavouritesFull."""
    price_minor = await tx.fetchval(_PRICE, cell_of(product_id), product_id)
    if price_minor is None:
        raise NothingToKeep
    await follows.add_favourite(tx, account_id, product_id, ids, price_minor=price_minor, now=now)


async def follow(
    tx: Tx, account_id: AccountId, shop_id: ShopId, ids: IdMaker, *, now: datetime
) -> None:
    """Raises NothingToKeep, ShopsFull."""
    if not await tx.fetchval(_SHOP, cell_of(shop_id), shop_id):
        raise NothingToKeep
    await follows.follow_shop(tx, account_id, shop_id, ids, now=now)
