"""The steps of an order's invoices. Each takes the caller's transaction; who writes holds the order."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from jishi.db import Tx, load_sql
from jishi.kit.errors import NotFound
from jishi.kit.ids import AccountId, IdMaker, OrderId, ShopId, cell_of
from jishi.modules import notices
from jishi.modules.invoices import rules, service
from jishi.modules.invoices.types import (
    Invoice,
    InvoiceId,
    InvoiceState,
    Kept,
    TitleGiven,
)

_ORDER: Final = load_sql(__package__, "order")
_LOCK_ORDER: Final = f"{_ORDER} FOR NO KEY UPDATE"
_LINES: Final = load_sql(__package__, "order_lines")


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderStands:
    """An order as an invoice sees it; minor units."""

    id: OrderId
    shop_id: ShopId
    buyer_id: AccountId
    state: int
    paid_minor: int
    refunded_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Goods:
    """What stands on a receipt."""

    shop_name: str
    lines: tuple[str, ...]


async def get_order(tx: Tx, order_id: OrderId, *, lock: bool = False) -> OrderStands:
    """The order; with ``lock`` held against refunds. Raises NotFound."""
    row = await tx.fetchrow(_LOCK_ORDER if lock else _ORDER, cell_of(order_id), order_id)
    if row is None:
        raise NotFound
    return OrderStands(**row)


async def goods_of(tx: Tx, order_id: OrderId) -> Goods:
    rows = await tx.fetch(_LINES, cell_of(order_id), order_id)
    name = rows[0]["shop_name"] if rows else ""
    return Goods(shop_name=name, lines=tuple(f"{row['title']} × {row['quantity']}" for row in rows))


async def ask(
    tx: Tx,
    order_id: OrderId,
    given: TitleGiven,
    *,
    buyer_id: AccountId,
    maker: IdMaker,
    now: datetime,
) -> Invoice:
    """A buyer asks for the invoice of an order of theirs.

    Raises NotFound, OrderNotPaid, NothingToInvoice, InvoiceTwice.
    """
    order = await get_order(tx, order_id, lock=True)
    if order.buyer_id != buyer_id:
        raise NotFound
    rules.check_order(order.state, paid_minor=order.paid_minor, refunded_minor=order.refunded_minor)
    made = await service.ask(
        tx,
        InvoiceId(maker.make(cell_of(order_id))),
        order_id=order_id,
        shop_id=order.shop_id,
        buyer_id=buyer_id,
        given=given,
        now=now,
    )
    await _tell_shop(tx, made, "shop.invoice_asked", now)
    return made


async def cancel(tx: Tx, order_id: OrderId, *, buyer_id: AccountId, now: datetime) -> None:
    """The buyer wants the invoice no more, as long as it is not issued.

    Raises NotFound, InvoiceMoved.
    """
    order = await get_order(tx, order_id, lock=True)
    waiting = [it for it in await service.of_order(tx, order_id) if _is_waiting(it)]
    if order.buyer_id != buyer_id or not waiting:
        raise NotFound
    found = await service.get(tx, waiting[0].id, buyer_id=buyer_id, lock=True)
    await service.cancel(tx, found, why="withdrawn", now=now)


async def amount_of(tx: Tx, found: Invoice) -> int:
    """What an invoice is for now, minor units; of a red one negative. Raises what ``check_order`` raises.

    Who writes it down holds the order.
    """
    if found.amount_minor is not None:
        return found.amount_minor
    order = await get_order(tx, found.order_id)
    return rules.check_order(
        order.state, paid_minor=order.paid_minor, refunded_minor=order.refunded_minor
    )


async def issue(
    tx: Tx,
    shop_id: ShopId,
    invoice_id: int,
    *,
    typed_minor: int | None,
    form: str,
    number: str,
    kept: Kept,
    by: AccountId,
    now: datetime,
) -> Invoice:
    """The shop issues it; the amount is what the buyer paid and did not get back, frozen.

    ``typed_minor``: the amount on the shop's paper, as a positive figure. Raises InvoiceNotFound,
    InvoiceMoved, AmountOver, AmountUnder, NothingToInvoice.
    """
    before = await service.get(tx, invoice_id, shop_id=shop_id)
    await get_order(tx, before.order_id, lock=True)
    found = await service.get(tx, invoice_id, shop_id=shop_id, lock=True)
    service.require_asked(found)
    amount = await amount_of(tx, found)
    rules.check_amount(typed_minor, abs(amount))
    done = await service.issue(
        tx, found, amount_minor=amount, form=form, number=number, kept=kept, by=by, now=now
    )
    await _tell_buyer(tx, done, "order.invoice_issued", now)
    return done


async def refuse(tx: Tx, shop_id: ShopId, invoice_id: int, *, why: str, now: datetime) -> Invoice:
    """The shop cannot issue it. Raises InvoiceNotFound, InvoiceMoved, RedStays."""
    found = await service.get(tx, invoice_id, shop_id=shop_id, lock=True)
    await service.refuse(tx, found, why=why, now=now)
    await _tell_buyer(tx, found, "order.invoice_refused", now)
    return await service.get(tx, invoice_id, shop_id=shop_id)


async def correct(
    tx: Tx, order_id: OrderId, refund_id: int, *, maker: IdMaker, now: datetime
) -> None:
    """After a refund: a red invoice for what is invoiced too much; a waiting one of a refunded order ends.

    Whatever came first, refund or issue, and however often it is told: what is left decides.
    """
    found = await service.of_order(tx, order_id)
    if not found:
        return
    order = await get_order(tx, order_id, lock=True)
    found = await service.of_order(tx, order_id)
    left = order.paid_minor - order.refunded_minor
    for it in (it for it in found if _is_waiting(it) and not left):
        await service.cancel(tx, it, why="refunded", now=now)
    blue = next((it for it in found if not it.is_red and it.state is InvoiceState.ISSUED), None)
    if blue is None:
        return
    amounts = [it.amount_minor or 0 for it in found if it.is_red or it is blue]
    amount = rules.correction(sum(amounts), left)
    if amount and await service.ask_correction(
        tx,
        InvoiceId(maker.make(cell_of(order_id))),
        blue,
        refund_id=refund_id,
        amount_minor=amount,
        now=now,
    ):
        red = (await service.of_order(tx, order_id))[-1]
        await _tell_shop(tx, red, "shop.invoice_correct", now)


async def remind(tx: Tx, *, now: datetime, limit: int) -> int:
    """Tell shops what is due; how many."""
    due = await service.claim_reminders(tx, now=now, limit=limit)
    told = [
        notices.Told(
            kind="shop.invoice_due",
            shop_id=ShopId(row["shop_id"]),
            subject_id=row["id"],
            facts={"shop_id": str(row["shop_id"]), "invoice_id": str(row["id"])},
            at=now,
        )
        for row in due
    ]
    if told:
        await notices.tell(tx, told)
    return len(due)


def _is_waiting(it: Invoice) -> bool:
    return not it.is_red and it.state is InvoiceState.ASKED


async def _tell_shop(tx: Tx, it: Invoice, kind: str, now: datetime) -> None:
    facts = {"shop_id": str(it.shop_id), "invoice_id": str(it.id), "order_id": str(it.order_id)}
    amount = {"amount_minor": -it.amount_minor} if it.amount_minor else {}
    told = notices.Told(
        kind=kind, shop_id=it.shop_id, subject_id=it.id, facts={**facts, **amount}, at=now
    )
    await notices.tell(tx, [told])


async def _tell_buyer(tx: Tx, it: Invoice, kind: str, now: datetime) -> None:
    facts = {"order_id": str(it.order_id), "invoice_id": str(it.id)}
    told = notices.Told(kind=kind, account_id=it.buyer_id, subject_id=it.id, facts=facts, at=now)
    await notices.tell(tx, [told])
