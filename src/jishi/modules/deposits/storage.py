"""Deposits in PostgreSQL."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from jishi.db import Row, Tx, load_sql
from jishi.kit.ids import PaymentId, ShopId, cell_for, cell_of
from jishi.modules.deposits.types import (
    PAYMENTS_OPEN_MAX,
    Deposit,
    DepositMove,
    DepositPayment,
    MoveId,
    MoveKind,
)

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
_ADD_PAYMENT: Final = """
INSERT INTO deposit_payment (cell, payment_id, shop_id, provider, amount_minor, asked_by, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
"""
_PAYMENT: Final = """
SELECT payment_id, shop_id, provider, amount_minor, asked_by, expires_at, taken_at FROM deposit_payment
WHERE cell = $1 AND payment_id = $2 AND shop_id = $3
"""
_OPEN_PAYMENTS: Final = """
SELECT payment_id, shop_id, provider, amount_minor, asked_by, expires_at, taken_at FROM deposit_payment
WHERE cell = $1 AND shop_id = $2 AND expires_at > $3 AND taken_at IS NULL ORDER BY payment_id DESC LIMIT $4
"""
_TAKE_PAYMENTS: Final = """
UPDATE deposit_payment d SET taken_at = p.at FROM unnest($1::bigint[], $2::timestamptz[]) p(id, at)
WHERE d.cell = cell_of(p.id) AND d.payment_id = p.id AND d.taken_at IS NULL
RETURNING d.payment_id, d.shop_id, d.provider, d.amount_minor, d.asked_by, d.expires_at, d.taken_at
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


async def insert_payment(tx: Tx, it: DepositPayment) -> None:
    facts = (it.payment_id, it.shop_id, it.provider, it.amount_minor, it.asked_by, it.expires_at)
    await tx.execute(_ADD_PAYMENT, cell_of(it.payment_id), *facts)


async def find_payment(tx: Tx, shop_id: ShopId, payment_id: PaymentId) -> DepositPayment | None:
    row = await tx.fetchrow(_PAYMENT, cell_of(payment_id), payment_id, shop_id)
    return DepositPayment(**row) if row else None


async def open_payments(tx: Tx, shop_id: ShopId, *, now: datetime) -> list[DepositPayment]:
    rows = await tx.fetch(_OPEN_PAYMENTS, cell_of(shop_id), shop_id, now, PAYMENTS_OPEN_MAX)
    return [DepositPayment(**row) for row in rows]


async def take_payments(tx: Tx, paid: Sequence[tuple[PaymentId, datetime]]) -> list[DepositPayment]:
    ids, ats = [it for it, _ in paid], [at for _, at in paid]
    return [DepositPayment(**row) for row in await tx.fetch(_TAKE_PAYMENTS, ids, ats)]


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
