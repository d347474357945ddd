"""What the rest of Jishi may ask of the ledger; each call inside the caller's transaction."""

from collections.abc import Sequence
from typing import Final

from jishi.db import Tx
from jishi.kit.ids import OrderId, ShopId, cell_of
from jishi.kit.paging import Page, decode_cursor, page_of
from jishi.modules.ledger import storage
from jishi.modules.ledger.types import (
    ESCROW,
    PAYABLE_SHOP,
    Account,
    AccountNotFound,
    Booking,
    Entry,
    KindTotals,
    Recount,
    ShopTotals,
    Transfer,
    TransferNotFound,
)

NEWEST: Final = (2**63 - 1, 32_767)  # above every transfer and posting


async def list_kinds(tx: Tx) -> list[KindTotals]:
    """Every kind of account with its totals over all cells: what the equation is made of."""
    return await storage.list_kinds(tx)


async def list_accounts(tx: Tx, kind: str, *, cursor: str | None, size: int) -> Page[Account]:
    """The accounts of one kind by cell and party. Raises CursorInvalid."""
    after = decode_cursor(cursor, int, int) or (-1, -1)
    found = await storage.list_accounts(tx, kind, after=(after[0], after[1]), limit=size + 1)
    return page_of(found, size, lambda account: (account.cell, account.party_id))


async def get_account(tx: Tx, cell: int, kind: str, party_id: int) -> Account:
    """Raises AccountNotFound."""
    found = await storage.find_accounts(tx, cell, [kind], party_id)
    if not found:
        raise AccountNotFound
    return found[0]


async def shop_totals(tx: Tx, shop_id: ShopId) -> ShopTotals:
    """What a shop's money stands at; zeros before its first sale. Two rows by primary key."""
    rows = await storage.find_accounts(tx, cell_of(shop_id), [ESCROW, PAYABLE_SHOP], shop_id)
    by_kind = {row.kind: (row.debit_minor, row.credit_minor) for row in rows}
    escrow_out, escrow_in = by_kind.get(ESCROW, (0, 0))
    payable_out, payable_in = by_kind.get(PAYABLE_SHOP, (0, 0))
    return ShopTotals(
        escrow_minor=escrow_in - escrow_out,
        escrow_in_minor=escrow_in,
        escrow_out_minor=escrow_out,
        payable_minor=payable_in - payable_out,
        payable_in_minor=payable_in,
    )


async def statement(
    tx: Tx, cell: int, kinds: Sequence[str], party_id: int, *, cursor: str | None, size: int
) -> Page[Entry]:
    """Postings of a party's accounts, newest transfer first. Raises CursorInvalid."""
    before = decode_cursor(cursor, int, int) or NEWEST
    found = await storage.statement(
        tx, cell, kinds, party_id, before=(before[0], before[1]), limit=size + 1
    )
    return page_of(found, size, lambda entry: (entry.transfer_id, entry.posting))


async def recount(tx: Tx, cell: int, kinds: Sequence[str], party_id: int) -> list[Recount]:
    """Totals beside the sums of their postings. Reads every posting of the accounts: not for lists."""
    return await storage.recount(tx, cell, kinds, party_id)


async def get_transfer(tx: Tx, cell: int, transfer_id: int) -> Transfer:
    """Raises TransferNotFound."""
    found = await storage.find_transfer(tx, cell, transfer_id)
    if found is None:
        raise TransferNotFound
    return found


async def list_transfers_of(tx: Tx, order_id: OrderId) -> list[Transfer]:
    """Every transfer of an order, oldest first; at most a handful."""
    return await storage.transfers_of(tx, cell_of(order_id), order_id)


async def post(tx: Tx, bookings: Sequence[Booking]) -> None:
    """Book transfers, in the transaction of what happened; hot functions call ``ledger_post`` themselves.

    Raises asyncpg.RaiseError when one does not sum to zero or an account with a floor would fall
    below it, asyncpg.UniqueViolationError for one booked before. Locks the accounts until ``tx`` ends.
    """
    if bookings:
        await storage.post(tx, bookings)
