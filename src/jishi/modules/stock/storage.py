"""Stock and its journal in PostgreSQL."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from jishi.db import Row, Tx, load_sql
from jishi.kit.ids import ShopId, SkuId, WarehouseId, cell_of
from jishi.modules.stock.types import (
    Change,
    JournalLine,
    Mismatch,
    Move,
    MoveKind,
    Place,
    Quantities,
    Shelf,
)

_RECEIVE = load_sql(__package__, "receive")
_OPEN_PLACES = """
INSERT INTO stock (cell, sku_id, warehouse_id, shop_id)
SELECT w.cell, a.sku_id, a.warehouse_id, w.shop_id
FROM unnest($1::bigint[], $2::bigint[]) a (sku_id, warehouse_id)
JOIN warehouse w ON w.cell = cell_of(a.warehouse_id) AND w.id = a.warehouse_id
WHERE w.shop_id = $3 AND w.cell = cell_of(a.sku_id)
ORDER BY w.cell, a.sku_id, a.warehouse_id ON CONFLICT DO NOTHING
"""
_LOCK_PLACES = load_sql(__package__, "lock_places")
_LOCK_SKUS = """
SELECT 1 FROM unnest($1::bigint[]) a (id)
JOIN stock s ON s.cell = cell_of(a.id) AND s.sku_id = a.id
ORDER BY s.cell, s.sku_id, s.warehouse_id FOR NO KEY UPDATE OF s
"""
_WRITE_MOVES = load_sql(__package__, "write_moves")
_RECOUNT = load_sql(__package__, "recount")
_JOURNAL = """
SELECT position, sku_id, warehouse_id, kind, quantity, order_id, actor_id, why, occurred_at
FROM stock_move WHERE cell = $1 AND sku_id = $2 AND ($3::bigint IS NULL OR position < $3)
ORDER BY position DESC LIMIT $4
"""
_QUANTITIES = """
SELECT s.sku_id, s.warehouse_id, s.on_hand, s.held, s.sold, s.lost, s.received
FROM unnest($1::bigint[]) a (id) JOIN stock s ON s.cell = cell_of(a.id) AND s.sku_id = a.id
ORDER BY s.sku_id, s.warehouse_id
"""
_SHELVES = """
SELECT k.id AS sku_id, k.product_id, k.position, p.title, k.options, k.code,
    coalesce(s.on_hand, 0) AS on_hand, coalesce(s.held, 0) AS held, coalesce(s.location, '') AS location
FROM sku k
JOIN product p ON p.cell = k.cell AND p.id = k.product_id
LEFT JOIN stock s ON s.cell = k.cell AND s.sku_id = k.id AND s.warehouse_id = $3
WHERE k.cell = $1 AND k.shop_id = $2 AND NOT k.retired AND k.product_id <= $4
    AND (k.product_id < $4 OR (k.position, k.id) > ($5, $6))
ORDER BY k.product_id DESC, k.position, k.id LIMIT $7
"""
_SET_LOCATIONS = """
UPDATE stock s SET location = n.location FROM unnest($2::bigint[], $3::text[]) n(sku_id, location)
WHERE s.cell = cell_of(n.sku_id) AND s.sku_id = n.sku_id AND s.warehouse_id = $1
    AND s.location <> n.location
"""
_ON_SHELF = """
SELECT s.sku_id, s.warehouse_id, s.on_hand
FROM unnest($1::bigint[]) a (id) JOIN stock s ON s.cell = cell_of(a.id) AND s.sku_id = a.id
WHERE s.on_hand > 0
"""


async def receive(
    tx: Tx,
    items: Sequence[Change],
    *,
    shop_id: ShopId | None,
    actor_id: int | None,
    now: datetime,
) -> dict[Place, int]:
    """On hand afterwards by place; places of unknown warehouses are missing."""
    rows = await tx.fetch(
        _RECEIVE,
        [item.sku_id for item in items],
        [item.warehouse_id for item in items],
        [item.quantity for item in items],
        [item.why for item in items],
        shop_id,
        actor_id,
        now,
    )
    return {_place(row): row["on_hand"] for row in rows}


async def lock_places(
    tx: Tx, places: Sequence[Place], *, shop_id: ShopId
) -> dict[Place, Quantities]:
    """The quantities of places, held until ``tx`` ends; those not the shop's are missing."""
    skus, warehouses = [place[0] for place in places], [place[1] for place in places]
    await tx.execute(_OPEN_PLACES, skus, warehouses, shop_id)
    rows = await tx.fetch(_LOCK_PLACES, skus, warehouses, shop_id)
    return {_place(row): _quantities(row) for row in rows}


async def write_moves(
    tx: Tx, moves: Sequence[Move], *, actor_id: int | None, now: datetime
) -> None:
    """The caller holds the places through ``lock_places`` and has asked the rules."""
    written = await tx.fetchval(
        _WRITE_MOVES,
        [move.sku_id for move in moves],
        [move.warehouse_id for move in moves],
        [move.kind for move in moves],
        [move.quantity for move in moves],
        [move.why for move in moves],
        actor_id,
        now,
    )
    assert written == len(moves), f"{written} of {len(moves)} stock rows were there"


async def recount(tx: Tx, sku_ids: Sequence[SkuId]) -> list[Mismatch]:
    await tx.execute(_LOCK_SKUS, list(sku_ids))
    return [
        Mismatch(
            sku_id=row["sku_id"],
            warehouse_id=row["warehouse_id"],
            before=_quantities(row, "b_"),
            after=_quantities(row),
        )
        for row in await tx.fetch(_RECOUNT, list(sku_ids))
    ]


async def list_moves(tx: Tx, sku_id: SkuId, *, before: int | None, limit: int) -> list[JournalLine]:
    """The newest first."""
    rows = await tx.fetch(_JOURNAL, cell_of(sku_id), sku_id, before, limit)
    return [JournalLine(**{**row, "kind": MoveKind(row["kind"])}) for row in rows]


async def quantities_of(tx: Tx, sku_ids: Sequence[SkuId]) -> dict[Place, Quantities]:
    rows = await tx.fetch(_QUANTITIES, list(sku_ids))
    return {_place(row): _quantities(row) for row in rows}


async def on_shelf(tx: Tx, sku_ids: Sequence[SkuId]) -> dict[Place, int]:
    return {_place(row): row["on_hand"] for row in await tx.fetch(_ON_SHELF, list(sku_ids))}


async def shelves(
    tx: Tx, warehouse_id: WarehouseId, shop_id: ShopId, *, after: tuple[int, int, int], limit: int
) -> list[Shelf]:
    rows = await tx.fetch(_SHELVES, cell_of(shop_id), shop_id, warehouse_id, *after, limit)
    return [Shelf(**row) for row in rows]


async def set_locations(tx: Tx, warehouse_id: WarehouseId, names: Mapping[SkuId, str]) -> None:
    """The caller holds the places through ``lock_places``."""
    await tx.execute(_SET_LOCATIONS, warehouse_id, list(names), list(names.values()))


def _place(row: Row) -> Place:
    return SkuId(row["sku_id"]), WarehouseId(row["warehouse_id"])


def _quantities(row: Row, prefix: str = "") -> Quantities:
    names = ("on_hand", "held", "sold", "lost", "received")
    return Quantities(**{name: row[prefix + name] for name in names})
