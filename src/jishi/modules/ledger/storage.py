"""The ledger in PostgreSQL. The function ``ledger_post`` is the only writer."""

from collections.abc import Sequence
from typing import Final

from jishi.db import Row, Tx, load_sql
from jishi.db.columns import columns
from jishi.kit.ids import OrderId
from jishi.modules.ledger.types import (
    Account,
    Booking,
    Entry,
    KindTotals,
    Posting,
    Recount,
    Transfer,
)

_POST: Final = "SELECT ledger_post($1, $2, $3, $4, $5, $6, $7, $8, $9)"
_KINDS: Final = """
SELECT kind, count(*) AS accounts, sum(debit_minor)::bigint AS debit_minor,
    sum(credit_minor)::bigint AS credit_minor
FROM ledger_account GROUP BY kind ORDER BY kind
"""
_ACCOUNTS: Final = """
SELECT cell, kind, party_id, debit_minor, credit_minor FROM ledger_account
WHERE kind = $1 AND (cell, kind, party_id) > ($2::smallint, $1, $3::bigint)
ORDER BY cell, kind, party_id LIMIT $4
"""
_ACCOUNT: Final = """
SELECT cell, kind, party_id, debit_minor, credit_minor FROM ledger_account
WHERE cell = $1 AND kind = ANY ($2::text[]) AND party_id = $3
"""
_STATEMENT: Final = load_sql(__package__, "statement")
_RECOUNT: Final = load_sql(__package__, "recount")
_TRANSFERS: Final = """
SELECT t.cell, t.id, t.kind, t.order_id, t.subject_id, t.occurred_at,
    (SELECT jsonb_agg(jsonb_build_object('posting', p.posting, 'kind', p.kind,
        'party_id', p.party_id::text, 'amount_minor', p.amount_minor) ORDER BY p.posting)
     FROM ledger_posting p WHERE p.cell = t.cell AND p.transfer_id = t.id) AS postings
FROM ledger_transfer t
"""
_TRANSFER: Final = f"{_TRANSFERS} WHERE t.cell = $1 AND t.id = $2"
_OF_ORDER: Final = f"{_TRANSFERS} WHERE t.cell = $1 AND t.order_id = $2 ORDER BY t.id"


async def post(tx: Tx, bookings: Sequence[Booking]) -> None:
    transfers = [(it.cell, it.kind.value, it.order_id, it.subject_id, it.at) for it in bookings]
    postings = [
        (at, each.kind, each.party_id, each.amount_minor)
        for at, it in enumerate(bookings, start=1)
        for each in it.postings
    ]
    await tx.execute(_POST, *columns(transfers), *columns(postings))


async def list_kinds(tx: Tx) -> list[KindTotals]:
    return [KindTotals(**row) for row in await tx.fetch(_KINDS)]


async def list_accounts(tx: Tx, kind: str, *, after: tuple[int, int], limit: int) -> list[Account]:
    """``after``: cell and party of the last account of the page before."""
    return [Account(**row) for row in await tx.fetch(_ACCOUNTS, kind, *after, limit)]


async def find_accounts(tx: Tx, cell: int, kinds: Sequence[str], party_id: int) -> list[Account]:
    return [Account(**row) for row in await tx.fetch(_ACCOUNT, cell, kinds, party_id)]


async def statement(
    tx: Tx, cell: int, kinds: Sequence[str], party_id: int, *, before: tuple[int, int], limit: int
) -> list[Entry]:
    rows = await tx.fetch(_STATEMENT, cell, kinds, party_id, *before, limit)
    return [Entry(**{**row, "order_id": OrderId(row["order_id"])}) for row in rows]


async def recount(tx: Tx, cell: int, kinds: Sequence[str], party_id: int) -> list[Recount]:
    return [Recount(**row) for row in await tx.fetch(_RECOUNT, cell, kinds, party_id)]


async def find_transfer(tx: Tx, cell: int, transfer_id: int) -> Transfer | None:
    row = await tx.fetchrow(_TRANSFER, cell, transfer_id)
    return _transfer(row) if row else None


async def transfers_of(tx: Tx, cell: int, order_id: OrderId) -> list[Transfer]:
    return [_transfer(row) for row in await tx.fetch(_OF_ORDER, cell, order_id)]


def _transfer(row: Row) -> Transfer:
    postings = tuple(
        Posting(**{**each, "party_id": int(each["party_id"])}) for each in row["postings"] or ()
    )
    return Transfer(**{**row, "order_id": OrderId(row["order_id"]), "postings": postings})
