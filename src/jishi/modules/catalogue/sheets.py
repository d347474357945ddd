"""Uploaded spreadsheets and their rows. Each call runs inside the caller's transaction.

Keeps ``goods_sheet`` and ``goods_sheet_row``. What rows mean and do is for flow ``edit_by_sheet``.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import msgspec

from jishi.db import Row, Tx
from jishi.kit.errors import Kind, Refusal
from jishi.kit.ids import AccountId, ShopId, cell_of
from jishi.kit.paging import Page, decode_cursor, page_of
from jishi.modules.catalogue.types import SheetRow

CHUNK: Final = 500  # rows; the products they are of are taken whole

_ADD: Final = """
INSERT INTO goods_sheet (cell, id, shop_id, name, state, rows_total, rows_good, rows_wrong, rows_same,
    strange, uploaded_by, uploaded_at)
VALUES (cell_of($1), $1, $2, $3, 'checked', $4, $5, $6, $7, $8, $9, $10)
"""
_ADD_ROWS: Final = """
INSERT INTO goods_sheet_row (cell, sheet_id, row, product_id, sku_id, state, typed, wanted, seen, problems)
SELECT cell_of($1), $1, r.row, r.product_id, r.sku_id, r.state, r.typed::jsonb,
    r.wanted::jsonb, r.seen::jsonb, r.problems::jsonb
FROM unnest($2::int[], $3::bigint[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::text[],
    $9::text[])
    r (row, product_id, sku_id, state, typed, wanted, seen, problems)
"""
_GET: Final = "SELECT * FROM goods_sheet WHERE cell = $1 AND id = $2 AND shop_id = $3"
_LIST: Final = """
SELECT * FROM goods_sheet WHERE cell = cell_of($1) AND shop_id = $1 AND ($2::bigint IS NULL OR id < $2)
ORDER BY id DESC LIMIT $3
"""
_ROWS: Final = """
SELECT * FROM goods_sheet_row
WHERE cell = cell_of($1) AND sheet_id = $1 AND ($2::text[] IS NULL OR state = ANY ($2)) AND row > $3
ORDER BY row LIMIT $4
"""
_CHUNK: Final = """
SELECT r.* FROM goods_sheet_row r
WHERE r.cell = cell_of($1) AND r.sheet_id = $1 AND r.state = ANY ($2) AND r.product_id <= (
    SELECT max(c.product_id) FROM (
        SELECT f.product_id FROM unnest($2::text[]) s (state) CROSS JOIN LATERAL (
            SELECT n.product_id FROM goods_sheet_row n
            WHERE n.cell = cell_of($1) AND n.sheet_id = $1 AND n.state = s.state
            ORDER BY n.product_id LIMIT $3) f
        ORDER BY f.product_id LIMIT $3) c)
ORDER BY r.product_id, r.row
"""
_SAVE_ROWS: Final = """
UPDATE goods_sheet_row r SET state = a.state, before = coalesce(a.before::jsonb, r.before),
    problems = a.problems::jsonb
FROM unnest($2::int[], $3::text[], $4::text[], $5::text[]) a (row, state, before, problems)
WHERE r.cell = cell_of($1) AND r.sheet_id = $1 AND r.row = a.row
"""
_COUNTS: Final = """
SELECT state, count(*) AS rows FROM goods_sheet_row WHERE cell = cell_of($1) AND sheet_id = $1 GROUP BY state
"""
_CONFIRM: Final = """
UPDATE goods_sheet SET state = 'applying', is_whole = $2, confirmed_by = $3, confirmed_at = $4, rows_done = 0
WHERE cell = cell_of($1) AND id = $1 AND state = 'checked'
"""
_UNDO: Final = """
UPDATE goods_sheet SET state = 'undoing', undone_by = $2, undone_at = $3, rows_done = 0
WHERE cell = cell_of($1) AND id = $1 AND state = 'applied'
"""
_MOVE: Final = """
UPDATE goods_sheet SET state = $2, applied_at = CASE WHEN $2 = 'applied' THEN $3 ELSE applied_at END
WHERE cell = cell_of($1) AND id = $1
"""
_DONE: Final = (
    "UPDATE goods_sheet SET rows_done = rows_done + $2 WHERE cell = cell_of($1) AND id = $1"
)


class SheetNotFound(Refusal):
    kind, code = Kind.NOT_FOUND, "sheets.not_found"
    text = "There is no such upload in this shop."


async def add(
    tx: Tx,
    shop_id: ShopId,
    sheet_id: int,
    name: str,
    rows: Sequence[SheetRow],
    *,
    strange: Sequence[str],
    by: AccountId,
    now: datetime,
) -> None:
    """Keep a checked upload with all its rows."""
    states = [it.state for it in rows]
    counts = [states.count(state) for state in ("good", "wrong", "same")]
    await tx.execute(
        _ADD, sheet_id, shop_id, name[:200], len(rows), *counts, list(strange), by, now
    )
    await tx.execute(
        _ADD_ROWS,
        sheet_id,
        [it.row for it in rows],
        [it.product_id for it in rows],
        [it.sku_id for it in rows],
        states,
        [_json(it.typed) for it in rows],
        [_json(it.wanted) for it in rows],
        [_json(it.seen) for it in rows],
        [_json(it.problems) for it in rows],
    )


async def get(tx: Tx, shop_id: ShopId, sheet_id: int, *, lock: bool = False) -> Row:
    """Raises SheetNotFound."""
    found = await tx.fetchrow(
        _GET + (" FOR UPDATE" if lock else ""), cell_of(sheet_id), sheet_id, shop_id
    )
    if found is None:
        raise SheetNotFound
    return found


async def list_of(tx: Tx, shop_id: ShopId, *, cursor: str | None, size: int) -> Page[Row]:
    """The newest first. Raises CursorInvalid."""
    before = decode_cursor(cursor, int) or (None,)
    rows = await tx.fetch(_LIST, shop_id, *before, size + 1)
    return page_of(rows, size, lambda row: (row["id"],))


async def rows_of(
    tx: Tx, sheet_id: int, *, states: Sequence[str] = (), cursor: str | None = None, size: int
) -> Page[SheetRow]:
    """Rows in their order. Raises CursorInvalid."""
    (after,) = decode_cursor(cursor, int) or (0,)
    rows = await tx.fetch(_ROWS, sheet_id, list(states) or None, after, size + 1)
    return page_of([_row(it) for it in rows], size, lambda it: (it.row,))


async def next_chunk(tx: Tx, sheet_id: int, states: Sequence[str]) -> list[SheetRow]:
    """Rows still in one of the states, whole products, by product; some 500 or one product more."""
    return [_row(it) for it in await tx.fetch(_CHUNK, sheet_id, list(states), CHUNK)]


async def save_rows(tx: Tx, sheet_id: int, rows: Sequence[SheetRow]) -> None:
    """What became of rows; counts them as done."""
    await tx.execute(
        _SAVE_ROWS,
        sheet_id,
        [it.row for it in rows],
        [it.state for it in rows],
        [None if it.before is None else _json(it.before) for it in rows],
        [_json(it.problems) for it in rows],
    )
    await tx.execute(_DONE, sheet_id, len(rows))


async def counts_of(tx: Tx, sheet_id: int) -> dict[str, int]:
    """Rows by state; states without any are missing."""
    return {row["state"]: row["rows"] for row in await tx.fetch(_COUNTS, sheet_id)}


async def confirm(tx: Tx, sheet_id: int, *, is_whole: bool, by: AccountId, now: datetime) -> None:
    await tx.execute(_CONFIRM, sheet_id, is_whole, by, now)


async def begin_undo(tx: Tx, sheet_id: int, *, by: AccountId, now: datetime) -> None:
    await tx.execute(_UNDO, sheet_id, by, now)


async def move(tx: Tx, sheet_id: int, state: str, *, now: datetime) -> None:
    await tx.execute(_MOVE, sheet_id, state, now)


def _row(row: Row) -> SheetRow:
    return SheetRow(
        **{name: value for name, value in row.items() if name not in {"cell", "sheet_id"}}
    )


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
