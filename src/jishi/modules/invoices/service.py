"""What the rest of Jishi may ask of invoices. Each call inside the caller's transaction."""

from datetime import UTC, datetime
from typing import Final

from jishi.db import Row, Tx
from jishi.kit.ids import AccountId, OrderId, ShopId
from jishi.kit.paging import Page, decode_cursor, id_below, page_of
from jishi.modules.invoices import rules, storage
from jishi.modules.invoices.types import (
    TITLES_MAX,
    Invoice,
    InvoiceId,
    InvoiceMoved,
    InvoiceNotFound,
    InvoiceState,
    InvoiceTwice,
    Kept,
    RedStays,
    Title,
    TitleGiven,
    TitleId,
    TitleNotFound,
    TitlesTooMany,
)

OLDEST: Final = (datetime(1970, 1, 1, tzinfo=UTC), 0)


async def list_titles(tx: Tx, account_id: AccountId) -> list[Title]:
    """The newest first; a person keeps at most twenty."""
    return await storage.list_titles(tx, account_id)


async def save_title(
    tx: Tx, account_id: AccountId, title_id: TitleId, given: TitleGiven, *, now: datetime
) -> TitleId:
    """Saved once: the same title again changes its e-mail only. Raises TitlesTooMany."""
    known = await storage.list_titles(tx, account_id)
    same = [
        it
        for it in known
        if (it.kind, it.name, it.tax_number) == (given.kind, given.name, given.tax_number)
    ]
    if not same and len(known) >= TITLES_MAX:
        raise TitlesTooMany(most=TITLES_MAX)
    return TitleId(await storage.add_title(tx, account_id, title_id, given, now=now))


async def remove_title(tx: Tx, account_id: AccountId, title_id: int) -> None:
    """Raises TitleNotFound."""
    if not await storage.remove_title(tx, account_id, title_id):
        raise TitleNotFound


async def get(
    tx: Tx,
    invoice_id: int,
    *,
    shop_id: ShopId | None = None,
    buyer_id: AccountId | None = None,
    lock: bool = False,
) -> Invoice:
    """An invoice of this shop or this buyer. Raises InvoiceNotFound."""
    assert shop_id or buyer_id
    found = await storage.find(tx, invoice_id, shop_id=shop_id, buyer_id=buyer_id, lock=lock)
    if found is None:
        raise InvoiceNotFound
    return found


async def of_order(tx: Tx, order_id: OrderId) -> list[Invoice]:
    """Every invoice and correction of an order, oldest first."""
    return await storage.of_order(tx, order_id)


async def ask(
    tx: Tx,
    invoice_id: InvoiceId,
    *,
    order_id: OrderId,
    shop_id: ShopId,
    buyer_id: AccountId,
    given: TitleGiven,
    now: datetime,
) -> Invoice:
    """A wish for the order's invoice. Raises InvoiceTwice. The caller has looked at the order."""
    due = rules.due_at(now)
    title = (given.kind, given.name, given.tax_number, given.email)
    facts = (order_id, shop_id, buyer_id, "blue", None, None, *title, None, now, due)
    if not await storage.add(tx, invoice_id, (*facts, rules.next_reminder(due, now))):
        raise InvoiceTwice
    return await get(tx, invoice_id, shop_id=shop_id)


async def ask_correction(
    tx: Tx,
    invoice_id: InvoiceId,
    blue: Invoice,
    *,
    refund_id: int,
    amount_minor: int,
    now: datetime,
) -> bool:
    """A red invoice of ``amount_minor`` (positive) below ``blue``; False when the refund has one."""
    due = rules.due_at(now)
    title = (blue.title_kind, blue.title, blue.tax_number, blue.email)
    facts = (blue.order_id, blue.shop_id, blue.buyer_id, "red", blue.id, refund_id, *title)
    rest = (-amount_minor, now, due, rules.next_reminder(due, now))
    return await storage.add(tx, invoice_id, (*facts, *rest))


def require_asked(found: Invoice) -> None:
    """Raises InvoiceMoved."""
    if found.state is not InvoiceState.ASKED:
        raise InvoiceMoved


async def issue(
    tx: Tx,
    found: Invoice,
    *,
    amount_minor: int,
    form: str,
    number: str,
    kept: Kept,
    by: AccountId,
    now: datetime,
) -> Invoice:
    """Issued, its amount frozen. The caller holds it. Raises InvoiceMoved."""
    require_asked(found)
    await storage.save_issued(
        tx, found.id, amount_minor=amount_minor, form=form, number=number, kept=kept, by=by, now=now
    )
    return await get(tx, found.id, shop_id=found.shop_id)


async def refuse(tx: Tx, found: Invoice, *, why: str, now: datetime) -> None:
    """The shop cannot issue it. The caller holds it. Raises InvoiceMoved, RedStays."""
    require_asked(found)
    if found.is_red:
        raise RedStays
    await storage.save_ended(tx, found.id, InvoiceState.REFUSED, why=why, now=now)


async def cancel(tx: Tx, found: Invoice, *, why: str, now: datetime) -> None:
    """The buyer wants it no more, or nothing is left to invoice. Raises InvoiceMoved, RedStays."""
    require_asked(found)
    if found.is_red:
        raise RedStays
    await storage.save_ended(tx, found.id, InvoiceState.CANCELLED, why=why, now=now)


async def list_of_buyer(
    tx: Tx, buyer_id: AccountId, *, cursor: str | None, size: int
) -> Page[Invoice]:
    """The newest first. Raises CursorInvalid."""
    rows = await storage.list_of_buyer(tx, buyer_id, before=id_below(cursor), limit=size + 1)
    return page_of(rows, size, lambda it: (it.id,))


async def list_of_shop(
    tx: Tx, shop_id: ShopId, state: str, *, cursor: str | None, size: int
) -> Page[Invoice]:
    """To be issued: the most urgent first; else the newest. ``state`` empty: all. Raises CursorInvalid."""
    if state == InvoiceState.ASKED:
        after = decode_cursor(cursor, datetime, int) or OLDEST
        rows = await storage.list_waiting(tx, shop_id, after=(after[0], after[1]), limit=size + 1)
        return page_of(rows, size, lambda it: (it.due_at, it.id))
    before = id_below(cursor)
    rows = await storage.list_of_shop(tx, shop_id, state, before=before, limit=size + 1)
    return page_of(rows, size, lambda it: (it.id,))


async def claim_reminders(tx: Tx, *, now: datetime, limit: int) -> list[Row]:
    """Invoices whose shop is to be reminded now; each comes twice at most."""
    return await storage.claim_reminders(tx, now=now, limit=limit)
