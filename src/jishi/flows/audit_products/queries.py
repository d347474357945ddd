"""What the operators' queue of goods shows."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from jishi.db import Row, Tx, load_sql
from jishi.kit.paging import Page, decode_cursor, page_of

_QUEUE: Final = load_sql(__package__, "queue")
_DECIDED: Final = load_sql(__package__, "decided")
_NAMES: Final = """
SELECT s.name, s.name_en, a.name AS claimed_name FROM shop s
LEFT JOIN account a ON a.cell = cell_of($2) AND a.id = $2
WHERE s.cell = cell_of($1) AND s.id = $1
"""
_PEOPLE: Final = """
SELECT a.id, a.name FROM unnest($1::bigint[]) x (id) JOIN account a ON a.cell = cell_of(x.id) AND a.id = x.id
"""


async def list_queue(tx: Tx, *, cursor: str | None, size: int) -> Page[Row]:
    """What waits. Raises CursorInvalid."""
    after = decode_cursor(cursor, datetime, int) or (None, None)
    rows = await tx.fetch(_QUEUE, *after, size + 1)
    return page_of(rows, size, lambda row: (row["asked_at"], row["id"]))


async def list_decided(tx: Tx, *, cursor: str | None, size: int) -> Page[Row]:
    """What people decided. Raises CursorInvalid."""
    before = decode_cursor(cursor, datetime, int) or (None, None)
    rows = await tx.fetch(_DECIDED, *before, size + 1)
    return page_of(rows, size, lambda row: (row["decided_at"], row["id"]))


async def names_of(tx: Tx, shop_id: int, claimed_by: int | None) -> Row | None:
    """name and name_en of the shop, claimed_name of who looks at it."""
    return await tx.fetchrow(_NAMES, shop_id, claimed_by)


async def people(tx: Tx, ids: Sequence[int]) -> dict[int, str]:
    """Names of accounts."""
    return {row["id"]: row["name"] for row in await tx.fetch(_PEOPLE, sorted(set(ids)))}
