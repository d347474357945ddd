"""Deposits in PostgreSQL."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from jishi.db import Row, Tx, load_sql
from jishi.kit.ids import ShopId, cell_for, cell_of
from jishi.modules.deposits.types import Deposit, DepositMove, MoveId, MoveKind

_REFRESH: Final = load_sql(__package__, "refresh")
_OPEN: Final = """
INSERT INTO deposit (cell, shop_id, updated_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING
"""
_FIND: Final = """
SELECT shop_id, required_minor, held_minor, due_at, return_due_at, returned_at FROM deposit
WHERE cell = $1 AND shop_id = $2
"""
_LOCK: Final = """
SELECT shop_id, required_minor, held_minor, due_at, return_due_at, returned_at FROM deposit
WHERE cell = $1 AND shop_id = $2 FOR NO KEY UPDATE
"""
_MOVE: Final = """
INSERT INTO deposit_move (cell, id, shop_id, kind, amount_minor, subject_id, reference, paper_id, actor_id,
    note, occurred_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
"""
_SET_HELD: Final = """
UPDATE deposit SET held_minor = $3, due_at = $4, updated_at = $5 WHERE cell = $1 AND shop_id = $2
"""
_LIST: Final = """
SELECT id, shop_id, kind, amount_minor, subject_id, reference, paper_id, actor_id, note, occurred_at
FROM deposit_move WHERE cell = $1 AND shop_id = $2 AND id < $3 ORDER BY id DESC LIMIT $4
"""
_TAKE_REFERENCE: Final = """
INSERT INTO bank_receipt (cell, reference, shop_id, move_id) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING
"""
_OVERDUE: Final = """
SELECT d.shop_id FROM deposit d
WHERE d.due_at <= $1 AND d.return_due_at IS NULL
    AND NOT EXISTS (SELECT FROM shop_hold h WHERE h.cell = d.cell AND h.shop_id = d.shop_id
        AND h.reason = 'deposit')
ORDER BY d.due_at, d.shop_id LIMIT $2 FOR NO KEY UPDATE OF d SKIP LOCKED
"""
_START_RETURN: Final = """
UPDATE deposit SET return_due_at = $3, required_minor = 0, due_at = NULL, updated_at = $4
WHERE cell = $1 AND shop_id = $2
"""
_STOP_RETURN: Final = """
UPDATE deposit SET return_due_at = NULL, updated_at = $3
WHERE cell = $1 AND shop_id = $2 AND returned_at IS NULL
"""
_RETURNABLE: Final = """
SELECT shop_id FROM deposit WHERE return_due_at <= $1 AND returned_at IS NULL
ORDER BY return_due_at, shop_id LIMIT $2
"""
_RETURNED: Final = (
    "UPDATE deposit SET returned_at = $3, updated_at = $3 WHERE cell = $1 AND shop_id = $2"
)


async def refresh(
    tx: Tx, shop_ids: Sequence[ShopId], *, now: datetime, due_at: datetime
) -> list[Row]:
    return list(await tx.fetch(_REFRESH, list(shop_ids), now, due_at))


async def find(tx: Tx, shop_id: ShopId) -> Deposit | None:
    row = await tx.fetchrow(_FIND, cell_of(shop_id), shop_id)
    return Deposit(**row) if row else None


async def lock(tx: Tx, shop_id: ShopId, *, now: datetime) -> Deposit:
    """The shop's deposit, made when missing, held until ``tx`` ends."""
    await tx.execute(_OPEN, cell_of(shop_id), shop_id, now)
    row = await tx.fetchrow(_LOCK, cell_of(shop_id), shop_id)
    assert row
    return Deposit(**row)


async def insert_move(tx: Tx, it: DepositMove) -> None:
    paper = (it.reference, it.paper_id, it.actor_id, it.note, it.occurred_at)
    what = (it.kind, it.amount_minor, it.subject_id)
    await tx.execute(_MOVE, cell_of(it.id), it.id, it.shop_id, *what, *paper)


async def set_held(
    tx: Tx, shop_id: ShopId, held_minor: int, due_at: datetime | None, *, now: datetime
) -> None:
    """The caller holds the deposit."""
    await tx.execute(_SET_HELD, cell_of(shop_id), shop_id, held_minor, due_at, now)


async def list_moves(tx: Tx, shop_id: ShopId, *, before: int, limit: int) -> list[DepositMove]:
    rows = await tx.fetch(_LIST, cell_of(shop_id), shop_id, before, limit)
    return [DepositMove(**{**row, "kind": MoveKind(row["kind"])}) for row in rows]


async def take_reference(tx: Tx, reference: str, shop_id: ShopId, move_id: MoveId) -> bool:
    done = await tx.execute(_TAKE_REFERENCE, cell_for(reference), reference, shop_id, move_id)
    return str(done) == "INSERT 0 1"


async def overdue(tx: Tx, *, now: datetime, limit: int) -> list[ShopId]:
    return [ShopId(row["shop_id"]) for row in await tx.fetch(_OVERDUE, now, limit)]


async def start_return(tx: Tx, shop_id: ShopId, return_due_at: datetime, *, now: datetime) -> None:
    await tx.execute(_START_RETURN, cell_of(shop_id), shop_id, return_due_at, now)


async def stop_return(tx: Tx, shop_id: ShopId, *, now: datetime) -> None:
    await tx.execute(_STOP_RETURN, cell_of(shop_id), shop_id, now)


async def returnable(tx: Tx, *, now: datetime, limit: int) -> list[ShopId]:
    return [ShopId(row["shop_id"]) for row in await tx.fetch(_RETURNABLE, now, limit)]


async def mark_returned(tx: Tx, shop_id: ShopId, *, now: datetime) -> None:
    await tx.execute(_RETURNED, cell_of(shop_id), shop_id, now)
