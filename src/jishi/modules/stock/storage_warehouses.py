"""Warehouses in PostgreSQL."""

from collections.abc import Sequence
from datetime import datetime

from jishi.db import Tx
from jishi.kit.ids import ShopId, WarehouseId, cell_of
from jishi.modules.stock.types import Warehouse

_COLUMNS = (
    "id, shop_id, name, is_default, region_code, contact, phone, street, regions, only_there, priority,"
    " is_closed"
)
_WAREHOUSES = f"""
SELECT {_COLUMNS} FROM warehouse WHERE cell = $1 AND shop_id = $2
ORDER BY is_default DESC, is_closed, priority, id
"""
_SAVE_WAREHOUSE = """
INSERT INTO warehouse (cell, id, shop_id, name, is_default, region_code, contact, phone, street, regions,
    only_there, priority, is_closed, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
ON CONFLICT (cell, id) DO UPDATE SET (name, is_default, region_code, contact, phone, street, regions,
    only_there, priority, is_closed) = (excluded.name, excluded.is_default, excluded.region_code,
    excluded.contact, excluded.phone, excluded.street, excluded.regions, excluded.only_there,
    excluded.priority, excluded.is_closed)
"""
_UNSET_DEFAULT = (
    "UPDATE warehouse SET is_default = false WHERE cell = $1 AND shop_id = $2 AND is_default"
)
_LOCK_WAREHOUSES = "SELECT pg_advisory_xact_lock(hashtextextended('warehouse', $1))"
_KNOWN_REGIONS = "SELECT code FROM region WHERE code = ANY ($1::integer[]) AND NOT is_retired"
_WAREHOUSES_OF = f"""
SELECT {_COLUMNS} FROM warehouse
JOIN unnest($1::bigint[]) a (shop) ON cell = cell_of(a.shop) AND shop_id = a.shop ORDER BY shop_id, id
"""
_DEFAULTS = """
SELECT w.shop_id, w.id FROM unnest($1::bigint[]) a (id)
JOIN warehouse w ON w.cell = cell_of(a.id) AND w.shop_id = a.id AND w.is_default
"""


async def list_warehouses(tx: Tx, shop_id: ShopId) -> list[Warehouse]:
    rows = await tx.fetch(_WAREHOUSES, cell_of(shop_id), shop_id)
    return [Warehouse(**row) for row in rows]


async def warehouses_of(tx: Tx, shop_ids: Sequence[ShopId]) -> dict[ShopId, list[Warehouse]]:
    found: dict[ShopId, list[Warehouse]] = {}
    for row in await tx.fetch(_WAREHOUSES_OF, list(shop_ids)):
        found.setdefault(row["shop_id"], []).append(Warehouse(**row))
    return found


async def save_warehouse(tx: Tx, it: Warehouse, *, now: datetime) -> None:
    """Write a new warehouse, or what an old one became. The caller holds the shop's list."""
    await tx.execute(
        _SAVE_WAREHOUSE,
        *(cell_of(it.id), it.id, it.shop_id, it.name, it.is_default, it.region_code, it.contact),
        *(it.phone, it.street, list(it.regions), it.only_there, it.priority, it.is_closed, now),
    )


async def unset_default(tx: Tx, shop_id: ShopId) -> None:
    await tx.execute(_UNSET_DEFAULT, cell_of(shop_id), shop_id)


async def lock_warehouses(tx: Tx, shop_id: ShopId) -> None:
    """Holds the shop's list of warehouses against every other change until ``tx`` ends."""
    await tx.execute(_LOCK_WAREHOUSES, shop_id)


async def known_regions(tx: Tx, codes: Sequence[int]) -> frozenset[int]:
    return frozenset(row["code"] for row in await tx.fetch(_KNOWN_REGIONS, list(codes)))


async def default_warehouses(tx: Tx, shop_ids: Sequence[ShopId]) -> dict[ShopId, WarehouseId]:
    rows = await tx.fetch(_DEFAULTS, list(shop_ids))
    return {row["shop_id"]: row["id"] for row in rows}
