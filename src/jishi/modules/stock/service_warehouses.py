"""A shop's warehouses. Each call runs inside the caller's transaction."""

from collections.abc import Sequence
from datetime import datetime

from jishi.db import Tx
from jishi.kit.ids import ShopId, WarehouseId
from jishi.modules.stock import rules
from jishi.modules.stock import storage_warehouses as storage
from jishi.modules.stock.types import (
    WAREHOUSES_MAX,
    DefaultStaysOpen,
    TooManyWarehouses,
    Warehouse,
    WarehouseUnknown,
)


async def open_default_warehouse(
    tx: Tx, warehouse_id: WarehouseId, *, shop_id: ShopId, name: str, now: datetime
) -> None:
    """The warehouse a new shop starts with."""
    first = Warehouse(id=warehouse_id, shop_id=shop_id, name=name, is_default=True)
    await storage.save_warehouse(tx, first, now=now)


async def list_warehouses(tx: Tx, shop_id: ShopId) -> list[Warehouse]:
    """The default first."""
    return await storage.list_warehouses(tx, shop_id)


async def warehouses_of(tx: Tx, shop_ids: Sequence[ShopId]) -> dict[ShopId, list[Warehouse]]:
    """All warehouses of each shop, in one statement; a shop without any is missing."""
    return await storage.warehouses_of(tx, shop_ids)


async def get_warehouse(tx: Tx, shop_id: ShopId, warehouse_id: WarehouseId) -> Warehouse:
    """Raises WarehouseUnknown, also for one of another shop."""
    for found in await storage.list_warehouses(tx, shop_id):
        if found.id == warehouse_id:
            return found
    raise WarehouseUnknown(warehouse_id=warehouse_id)


async def save_warehouse(tx: Tx, draft: Warehouse, *, is_new: bool, now: datetime) -> Warehouse:
    """Write a warehouse. One that becomes the default takes that from the one before.

    Raises Refusals by field; WarehouseUnknown; TooManyWarehouses from the 51st on; DefaultStaysOpen
    for taking "default" from the default one.
    """
    wanted = [*draft.regions, *([draft.region_code] if draft.region_code else [])]
    ready = rules.checked_warehouse(draft, await storage.known_regions(tx, wanted))
    await storage.lock_warehouses(tx, ready.shop_id)
    book = await storage.list_warehouses(tx, ready.shop_id)
    before = next((it for it in book if it.id == ready.id), None)
    if before is None and not is_new:
        raise WarehouseUnknown(warehouse_id=ready.id)
    if is_new and len(book) >= WAREHOUSES_MAX:
        raise TooManyWarehouses(limit=WAREHOUSES_MAX)
    if before and before.is_default and not ready.is_default:
        raise DefaultStaysOpen(field="is_default")
    if ready.is_default and not (before and before.is_default):
        await storage.unset_default(tx, ready.shop_id)
    await storage.save_warehouse(tx, ready, now=now)
    return ready


async def default_warehouses(tx: Tx, shop_ids: Sequence[ShopId]) -> dict[ShopId, WarehouseId]:
    """The warehouse orders of each shop are taken from, in one statement."""
    return await storage.default_warehouses(tx, shop_ids)
