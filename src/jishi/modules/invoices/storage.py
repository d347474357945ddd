"""Titles and invoices in PostgreSQL. Decides nothing."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from jishi.db import Row, Tx, load_sql
from jishi.kit.ids import AccountId, OrderId, ShopId, cell_of
from jishi.modules.invoices.types import (
    Invoice,
    InvoiceState,
    Kept,
    Title,
    TitleGiven,
    TitleKind,
)

_COLUMNS: Final = (
    "id, order_id, shop_id, buyer_id, kind, corrects_id, state, title_kind, title, tax_number, email, "
    "amount_minor, form, number, why, file_sha256, file_type, file_bytes, asked_at, due_at, ended_at"
)
_TITLES: Final = """
SELECT id, kind, name, tax_number, email FROM invoice_title
WHERE cell = $1 AND account_id = $2 ORDER BY id DESC LIMIT 50
"""
_ADD_TITLE: Final = """
INSERT INTO invoice_title (cell, id, account_id, kind, name, tax_number, email, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (cell, account_id, kind, name, tax_number) DO UPDATE SET email = excluded.email RETURNING id
"""
_REMOVE_TITLE: Final = """
DELETE FROM invoice_title WHERE cell = $1 AND id = $2 AND account_id = $3 RETURNING true
"""
_ONE: Final = f"""
SELECT {_COLUMNS} FROM invoice WHERE cell = $1 AND id = $2 AND ($3::bigint IS NULL OR shop_id = $3)
    AND ($4::bigint IS NULL OR buyer_id = $4)
"""
_LOCK: Final = f"{_ONE} FOR NO KEY UPDATE"
_OF_ORDER: Final = f"""
SELECT {_COLUMNS} FROM invoice WHERE cell = $1 AND order_id = $2 ORDER BY id LIMIT 200
"""
_ADD: Final = """
INSERT INTO invoice (cell, id, order_id, shop_id, buyer_id, kind, corrects_id, refund_id, state, title_kind,
    title, tax_number, email, amount_minor, asked_at, due_at, remind_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'asked', $9, $10, $11, $12, $13, $14, $15, $16)
ON CONFLICT DO NOTHING RETURNING true
"""
_ISSUE: Final = """
UPDATE invoice SET state = 'issued', amount_minor = $3, form = $4, number = $5, file_sha256 = $6,
    file_type = $7, file_bytes = $8, issued_by = $9, ended_at = $10, remind_at = NULL
WHERE cell = $1 AND id = $2 AND state = 'asked'
"""
_END: Final = """
UPDATE invoice SET state = $3, why = $4, ended_at = $5, remind_at = NULL
WHERE cell = $1 AND id = $2 AND state = 'asked'
"""
_OF_BUYER: Final = f"""
SELECT {_COLUMNS} FROM invoice WHERE buyer_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3
"""
_OF_SHOP: Final = f"""
SELECT {_COLUMNS} FROM invoice WHERE cell = $1 AND shop_id = $2 AND id < $4
    AND ($3::text = '' OR state = $3) ORDER BY id DESC LIMIT $5
"""
_WAITING: Final = f"""
SELECT {_COLUMNS} FROM invoice WHERE cell = $1 AND shop_id = $2 AND state = 'asked'
    AND (due_at, id) > ($3, $4::bigint) ORDER BY due_at, id LIMIT $5
"""
_REMINDERS: Final = load_sql(__package__, "claim_reminders")


async def list_titles(tx: Tx, account_id: AccountId) -> list[Title]:
    rows = await tx.fetch(_TITLES, cell_of(account_id), account_id)
    return [Title(**{**row, "kind": TitleKind(row["kind"])}) for row in rows]


async def add_title(
    tx: Tx, account_id: AccountId, title_id: int, given: TitleGiven, *, now: datetime
) -> int:
    """Its number; a title saved before keeps its own."""
    facts = (given.kind, given.name, given.tax_number, given.email, now)
    return int(await tx.fetchval(_ADD_TITLE, cell_of(account_id), title_id, account_id, *facts))


async def remove_title(tx: Tx, account_id: AccountId, title_id: int) -> bool:
    return bool(await tx.fetchval(_REMOVE_TITLE, cell_of(account_id), title_id, account_id))


async def find(
    tx: Tx, invoice_id: int, *, shop_id: ShopId | None, buyer_id: AccountId | None, lock: bool
) -> Invoice | None:
    row = await tx.fetchrow(
        _LOCK if lock else _ONE, cell_of(invoice_id), invoice_id, shop_id, buyer_id
    )
    return invoice_of(row) if row else None


async def of_order(tx: Tx, order_id: OrderId) -> list[Invoice]:
    """Every invoice of an order, oldest first."""
    return [invoice_of(row) for row in await tx.fetch(_OF_ORDER, cell_of(order_id), order_id)]


async def add(tx: Tx, invoice_id: int, facts: Sequence[Any]) -> bool:
    """``facts`` as the columns from the order's number on; False when there is one already."""
    return bool(await tx.fetchval(_ADD, cell_of(invoice_id), invoice_id, *facts))


async def save_issued(
    tx: Tx,
    invoice_id: int,
    *,
    amount_minor: int,
    form: str,
    number: str,
    kept: Kept,
    by: AccountId,
    now: datetime,
) -> None:
    file = (kept.sha256, kept.media_type, kept.length)
    await _one(tx, _ISSUE, invoice_id, amount_minor, form, number, *file, by, now)


async def save_ended(
    tx: Tx, invoice_id: int, state: InvoiceState, *, why: str, now: datetime
) -> None:
    await _one(tx, _END, invoice_id, state, why, now)


async def list_of_buyer(tx: Tx, buyer_id: AccountId, *, before: int, limit: int) -> list[Invoice]:
    return [invoice_of(row) for row in await tx.fetch(_OF_BUYER, buyer_id, before, limit)]


async def list_of_shop(
    tx: Tx, shop_id: ShopId, state: str, *, before: int, limit: int
) -> list[Invoice]:
    rows = await tx.fetch(_OF_SHOP, cell_of(shop_id), shop_id, state, before, limit)
    return [invoice_of(row) for row in rows]


async def list_waiting(
    tx: Tx, shop_id: ShopId, *, after: tuple[datetime, int], limit: int
) -> list[Invoice]:
    """Those to be issued, the most urgent first."""
    rows = await tx.fetch(_WAITING, cell_of(shop_id), shop_id, *after, limit)
    return [invoice_of(row) for row in rows]


async def claim_reminders(tx: Tx, *, now: datetime, limit: int) -> list[Row]:
    found: list[Row] = await tx.fetch(_REMINDERS, now, limit)
    return found


async def _one(tx: Tx, statement: str, invoice_id: int, *facts: Any) -> None:
    """Change an invoice the caller holds."""
    done = await tx.execute(statement, cell_of(invoice_id), invoice_id, *facts)
    assert done == "UPDATE 1", f"invoice {invoice_id} was not held in its state: {done}"


def invoice_of(row: Row) -> Invoice:
    return Invoice(
        **{
            **row,
            "state": InvoiceState(row["state"]),
            "title_kind": TitleKind(row["title_kind"]),
        }
    )
