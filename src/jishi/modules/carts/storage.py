"""Carts in PostgreSQL. The only file that names the table ``cart_line`` (with sql/)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from jishi.db import Tx, load_sql
from jishi.db.columns import columns
from jishi.kit.ids import SkuId, cell_of
from jishi.modules.carts.types import LINES_MAX, QUANTITY_MAX, CartLine, CartOwner

_LIST: Final = """
SELECT sku_id, quantity, seen_minor, is_chosen, added_at FROM cart_line
WHERE cell = $1 AND owner_id = $2 ORDER BY added_at DESC, sku_id LIMIT $3
"""
_COUNT: Final = "SELECT count(*) FROM cart_line WHERE cell = $1 AND owner_id = $2"
_ADD: Final = load_sql(__package__, "add_line")
_JOIN: Final = load_sql(__package__, "join_carts")
_SAVE: Final = """
UPDATE cart_line c SET quantity = n.quantity, is_chosen = n.is_chosen, changed_at = $6
FROM unnest($3::bigint[], $4::integer[], $5::boolean[]) n (sku_id, quantity, is_chosen)
WHERE c.cell = $1 AND c.owner_id = $2 AND c.sku_id = n.sku_id
    AND (c.quantity, c.is_chosen) <> (n.quantity, n.is_chosen)
"""
_REMOVE: Final = """
DELETE FROM cart_line WHERE cell = $1 AND owner_id = $2 AND sku_id = ANY ($3::bigint[])
"""
_FORGET: Final = """
DELETE FROM cart_line WHERE ctid IN (
    SELECT ctid FROM cart_line WHERE is_visitor AND changed_at < $1
    ORDER BY changed_at LIMIT $2 FOR UPDATE SKIP LOCKED)
"""


async def list_lines(tx: Tx, owner: CartOwner) -> list[CartLine]:
    rows = await tx.fetch(_LIST, cell_of(owner.id), owner.id, LINES_MAX)
    return [CartLine(**row) for row in rows]


async def count_lines(tx: Tx, owner: CartOwner) -> int:
    return int(await tx.fetchval(_COUNT, cell_of(owner.id), owner.id))


async def add_line(
    tx: Tx, owner: CartOwner, sku_id: SkuId, *, quantity: int, price_minor: int, now: datetime
) -> int | None:
    """Pieces in the line now; None when the cart is full."""
    limits = (LINES_MAX, QUANTITY_MAX)
    line = (sku_id, quantity, price_minor, owner.is_visitor)
    found: int | None = await tx.fetchval(_ADD, cell_of(owner.id), owner.id, *line, *limits, now)
    return found


async def save_lines(
    tx: Tx, owner: CartOwner, lines: Sequence[tuple[SkuId, int, bool]], *, now: datetime
) -> None:
    await tx.execute(_SAVE, cell_of(owner.id), owner.id, *columns(lines), now)


async def remove_lines(tx: Tx, owner: CartOwner, sku_ids: Sequence[SkuId]) -> int:
    """How many went."""
    done = await tx.execute(_REMOVE, cell_of(owner.id), owner.id, sku_ids)
    return int(done.rpartition(" ")[2])


async def join(tx: Tx, visitor: CartOwner, account: CartOwner, *, now: datetime) -> None:
    cells = (cell_of(visitor.id), visitor.id, cell_of(account.id), account.id)
    await tx.execute(_JOIN, *cells, LINES_MAX, QUANTITY_MAX, now)


async def forget_visitors(tx: Tx, *, before: datetime, limit: int) -> int:
    done = await tx.execute(_FORGET, before, limit)
    return int(done.rpartition(" ")[2])
