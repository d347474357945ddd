"""A shop opens in the least used cell, with its owner and one warehouse."""

from datetime import datetime

from jishi.db import Tx
from jishi.kit.ids import AccountId, IdMaker, ShopId, WarehouseId
from jishi.modules import shops, stock
from jishi.modules.shops import NewShop, ShopState

WAREHOUSE_NAME = "主仓"


async def open_shop(
    tx: Tx,
    shop: NewShop,
    *,
    owner_id: AccountId,
    ids: IdMaker,
    now: datetime,
    cell: int | None = None,
    is_reviewed: bool = False,
) -> tuple[ShopId, WarehouseId]:
    """The new shop and its default warehouse. Raises Refusals by field, ShopsFull.

    ``cell`` None: the one with the fewest shops. ``is_reviewed``: it gets ready first, and opens with
    the approval of its application.
    """
    place = await shops.least_used_cell(tx) if cell is None else cell
    shop_id, warehouse_id = ShopId(ids.make(place)), WarehouseId(ids.make(place))
    state = ShopState.PREPARING if is_reviewed else ShopState.OPEN
    await shops.open_shop(tx, shop, shop_id=shop_id, owner_id=owner_id, now=now, state=state)
    await stock.open_default_warehouse(
        tx, warehouse_id, shop_id=shop_id, name=WAREHOUSE_NAME, now=now
    )
    return shop_id, warehouse_id
