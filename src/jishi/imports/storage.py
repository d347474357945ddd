"""The import tables in PostgreSQL: runs, the directory, orders taken in, leftovers."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from jishi.db import Row, Tx, load_sql
from jishi.db.columns import columns
from jishi.kit.ids import Cell, cell_for, cell_of

_START = """
INSERT INTO import_run (cell, id, source, shop_id, origin, state, started_at)
VALUES ($1, $2, $3, $4, $5, 'running', $6)
"""
_END = """
UPDATE import_run SET state = $3, counters = $4, ended_at = $5
WHERE cell = $1 AND id = $2 AND state = 'running'
"""
_ABANDON = """
UPDATE import_run SET state = 'failed', ended_at = $3
WHERE state = 'running' AND source = $1 AND shop_id IS NOT DISTINCT FROM $2
"""
_TRY_LOCK = "SELECT pg_try_advisory_lock(hashtextextended('import ' || $1, 0))"
_UNLOCK = "SELECT pg_advisory_unlock(hashtextextended('import ' || $1, 0))"
_KNOWN = """
SELECT external_id, jishi_id
FROM unnest($1::smallint[], $3::text[]) AS asked (in_cell, of_external)
JOIN import_source ON cell = in_cell AND kind = $2 AND external_id = of_external
"""
_REMEMBER = """
INSERT INTO import_source (cell, kind, external_id, jishi_id, run_id)
SELECT * FROM unnest($1::smallint[], $2::text[], $3::text[], $4::bigint[], $5::bigint[])
"""
_KNOWN_ORDERS = """
SELECT external_id
FROM unnest($1::smallint[], $3::text[]) AS asked (in_cell, of_external)
JOIN import_order ON cell = in_cell AND source = $2 AND external_id = of_external
"""
_INSERT_ORDERS = load_sql(__package__, "insert_orders")
_BOOKED = """
SELECT i.external_id, o.id AS order_id, o.payment_id
FROM unnest($1::smallint[], $3::text[]) AS asked (in_cell, of_external)
JOIN import_order i ON i.cell = in_cell AND i.source = $2 AND i.external_id = of_external
CROSS JOIN LATERAL unnest(i.order_ids) placed (id)
JOIN sale_order o ON o.cell = cell_of(placed.id) AND o.id = placed.id
"""
_INSERT_LINES = """
INSERT INTO import_line (cell, source, external_id, row_number, run_id, code, country, quantity,
    price_milli, occurred_at, fate, why, booked_quantity, booked_minor)
SELECT * FROM unnest($1::smallint[], $2::text[], $3::text[], $4::integer[], $5::bigint[],
    $6::text[], $7::text[], $8::bigint[], $9::bigint[], $10::timestamptz[], $11::text[],
    $12::text[], $13::bigint[], $14::bigint[])
"""
_INSERT_PAYMENTS = """
INSERT INTO import_payment (cell, source, external_id, position, kind, installments, amount_minor)
SELECT * FROM unnest($1::smallint[], $2::text[], $3::text[], $4::integer[], $5::text[],
    $6::integer[], $7::bigint[])
"""
_INSERT_LEFTOVERS = """
INSERT INTO import_leftover (cell, kind, external_id, run_id, why, facts)
SELECT * FROM unnest($1::smallint[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::jsonb[])
ON CONFLICT (cell, kind, external_id) DO NOTHING
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedOrder:
    external_id: str
    buyer_id: int
    status: str
    purchased_at: datetime
    checkout_id: int | None
    order_ids: Sequence[int]
    payments_minor: int
    booked_minor: int
    oddities: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedLine:
    """A row of an invoice and what became of it."""

    external_id: str
    row: int
    code: str
    country: str
    quantity: int
    price_milli: int
    at: datetime
    fate: str
    why: str
    booked_quantity: int
    booked_minor: int


async def try_lock(tx: Tx, name: str) -> bool:
    """Holds the import called ``name`` for this connection; False when another one has it."""
    return bool(await tx.fetchval(_TRY_LOCK, name))


async def unlock(tx: Tx, name: str) -> None:
    await tx.execute(_UNLOCK, name)


async def start_run(
    tx: Tx, run_id: int, *, source: str, origin: str, shop_id: int | None, now: datetime
) -> None:
    """Begin a run; one of the same kind that never ended is marked failed."""
    await tx.execute(_ABANDON, source, shop_id, now)
    await tx.execute(_START, cell_of(run_id), run_id, source, shop_id, origin, now)


async def end_run(
    tx: Tx, run_id: int, state: str, counters: Mapping[str, Any], *, now: datetime
) -> None:
    await tx.execute(_END, cell_of(run_id), run_id, state, dict(counters), now)


async def known(tx: Tx, kind: str, external_ids: Sequence[str]) -> dict[str, int]:
    """What things of another platform became here, those that are known."""
    rows = await tx.fetch(_KNOWN, [cell(kind, it) for it in external_ids], kind, external_ids)
    return {row["external_id"]: row["jishi_id"] for row in rows}


async def remember(tx: Tx, kind: str, pairs: Mapping[str, int], run_id: int) -> None:
    """Write the directory; raises when one of them is there already."""
    if pairs:
        rows = [(cell(kind, ext), kind, ext, ours, run_id) for ext, ours in pairs.items()]
        await tx.execute(_REMEMBER, *columns(rows))


async def known_orders(tx: Tx, source: str, external_ids: Sequence[str]) -> set[str]:
    cells = [cell(source, it) for it in external_ids]
    rows = await tx.fetch(_KNOWN_ORDERS, cells, source, external_ids)
    return {row["external_id"] for row in rows}


async def insert_orders(tx: Tx, source: str, orders: Sequence[ImportedOrder], run_id: int) -> None:
    rows = [
        (
            cell(source, it.external_id),
            source,
            it.external_id,
            run_id,
            it.buyer_id,
            it.status,
            it.purchased_at,
            it.checkout_id,
            _array(it.order_ids),
            it.payments_minor,
            it.booked_minor,
            _array(it.oddities),
        )
        for it in orders
    ]
    if rows:
        await tx.execute(_INSERT_ORDERS, *columns(rows))


async def booked_orders(tx: Tx, source: str, external_ids: Sequence[str]) -> list[Row]:
    """The order and payment each of these became; those recorded only are left out."""
    cells = [cell(source, it) for it in external_ids]
    return list(await tx.fetch(_BOOKED, cells, source, external_ids))


async def insert_lines(tx: Tx, source: str, lines: Sequence[ImportedLine], run_id: int) -> None:
    rows = [
        (
            cell(source, it.external_id),
            source,
            it.external_id,
            it.row,
            run_id,
            it.code,
            it.country,
            it.quantity,
            it.price_milli,
            it.at,
            it.fate,
            it.why,
            it.booked_quantity,
            it.booked_minor,
        )
        for it in lines
    ]
    if rows:
        await tx.execute(_INSERT_LINES, *columns(rows))


async def insert_payments(
    tx: Tx, source: str, payments: Iterable[tuple[str, int, str, int, int]]
) -> None:
    """``(order's external id, position, kind, installments, amount minor)`` each."""
    rows = [(cell(source, it[0]), source, *it) for it in payments]
    if rows:
        await tx.execute(_INSERT_PAYMENTS, *columns(rows))


async def insert_leftovers(
    tx: Tx, kind: str, leftovers: Iterable[tuple[str, str, Mapping[str, Any]]], run_id: int
) -> None:
    """``(external id, why, facts)`` each; one that is there already is left as it is."""
    rows = [(cell(kind, ext), kind, ext, run_id, why, facts) for ext, why, facts in leftovers]
    if rows:
        await tx.execute(_INSERT_LEFTOVERS, *columns(rows))


def cell(kind: str, external_id: str) -> Cell:
    """The cell of a directory row, from the value itself."""
    return cell_for(f"{kind} {external_id}")


def _array(values: Iterable[object]) -> str:
    """An array as text: arrays of arrays do not pass as one parameter. Plain words and numbers."""
    return "{" + ",".join(map(str, values)) + "}"
