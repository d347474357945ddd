"""What pages and API of invoices share: reading forms, keeping files, making receipts, downloads."""

import asyncio
from typing import Final
from zoneinfo import ZoneInfo

from litestar import Response
from litestar.datastructures import UploadFile

from jishi import web
from jishi.db import Tx
from jishi.flows.invoice_orders import flow
from jishi.kit.errors import FieldInvalid, FieldMissing, NotFound
from jishi.kit.ids import OrderId, ShopId, cell_of
from jishi.kit.money import format_plain, parse_minor
from jishi.kit.typed import read_line
from jishi.modules.invoices import Invoice, TitleId, files, service
from jishi.modules.invoices.types import NUMBER_MAX, WHY_MAX, Receipt, TitleGiven
from jishi.web.answer import download

PDF: Final = files.PDF


def shop_of(request: web.AnyRequest) -> ShopId:
    return ShopId(web.path_id(request, "shop_id"))


def order_of(request: web.AnyRequest) -> OrderId:
    return OrderId(web.path_id(request, "order_id"))


async def ask(request: web.AnyRequest, given: TitleGiven, *, save: bool) -> Invoice:
    """Ask for the invoice of the order in the path; ``save`` keeps the title."""
    me = web.signed_in(request).account_id
    maker, now = web.ids(request), web.now(request)
    async with web.transaction(request) as tx:
        made = await flow.ask(tx, order_of(request), given, buyer_id=me, maker=maker, now=now)
        if save:
            await save_title_in(request, tx, given)
        return made


async def save_title_in(request: web.AnyRequest, tx: Tx, given: TitleGiven) -> TitleId:
    me = web.signed_in(request).account_id
    made = TitleId(web.ids(request).make(cell_of(me)))
    return await service.save_title(tx, me, made, given, now=web.now(request))


async def issue_upload(
    request: web.AnyRequest, *, amount: str, number: str, file: UploadFile | None
) -> Invoice:
    """The shop's tax invoice: its file, its number and the amount on it. The file is kept first."""
    shop_id, invoice_id = shop_of(request), web.path_id(request, "invoice_id")
    currency = web.settings(request).currency
    typed = parse_minor(amount.lstrip("-−"), currency)
    if not amount.strip():
        raise FieldMissing(field="amount")
    if typed is None:
        raise FieldInvalid(field="amount", detail=amount[:40])
    number = read_line(number, "number", NUMBER_MAX)
    async with web.read(request) as tx:
        service.require_asked(await service.get(tx, invoice_id, shop_id=shop_id))
    kept = await files.keep_upload(store_of(request), file)
    async with web.transaction(request) as tx:
        return await flow.issue(
            tx,
            shop_id,
            invoice_id,
            typed_minor=typed,
            form="tax",
            number=number,
            kept=kept,
            by=web.signed_in(request).account_id,
            now=web.now(request),
        )


async def issue_receipt(request: web.AnyRequest) -> Invoice:
    """A plain receipt, made here. It is written for the amount of now, and issued only for that one."""
    shop_id, invoice_id = shop_of(request), web.path_id(request, "invoice_id")
    async with web.read(request) as tx:
        found = await service.get(tx, invoice_id, shop_id=shop_id)
        service.require_asked(found)
        amount = await flow.amount_of(tx, found)
        goods = await flow.goods_of(tx, found.order_id)
    content = await asyncio.to_thread(_write, _receipt(request, found, amount, goods))
    kept = await files.keep(store_of(request), content, PDF)
    async with web.transaction(request) as tx:
        return await flow.issue(
            tx,
            shop_id,
            invoice_id,
            typed_minor=abs(amount),
            form="receipt",
            number=str(found.id),
            kept=kept,
            by=web.signed_in(request).account_id,
            now=web.now(request),
        )


async def refuse(request: web.AnyRequest, why: str) -> Invoice:
    """Raises FieldMissing, FieldInvalid and what ``flow.refuse`` raises."""
    why = read_line(why, "why", WHY_MAX)
    async with web.transaction(request) as tx:
        return await flow.refuse(
            tx, shop_of(request), web.path_id(request, "invoice_id"), why=why, now=web.now(request)
        )


async def cancel(request: web.AnyRequest) -> None:
    async with web.transaction(request) as tx:
        me = web.signed_in(request).account_id
        await flow.cancel(tx, order_of(request), buyer_id=me, now=web.now(request))


async def file_answer(request: web.AnyRequest, found: Invoice) -> Response[bytes]:
    """The file of an invoice the reader may see, always as a download. Raises NotFound."""
    content = (
        await store_of(request).get(found.file_sha256) if found.file_sha256 is not None else None
    )
    if content is None or found.file_type is None:
        raise NotFound
    name = f"invoice-{found.id}.{files.SUFFIXES[found.file_type]}"
    answer = download(content, name, media_type=found.file_type)
    answer.headers["cache-control"] = "private, no-store"
    answer.headers["x-content-type-options"] = "nosniff"
    return answer


def store_of(request: web.AnyRequest) -> files.FileStore:
    return files.file_store(web.settings(request).media_folder)


def _write(it: Receipt) -> bytes:
    """The PDF's library is loaded with the first one."""
    from jishi.modules.invoices.receipt import write_receipt

    return write_receipt(it)


def _receipt(request: web.AnyRequest, it: Invoice, amount_minor: int, goods: flow.Goods) -> Receipt:
    settings = web.settings(request)
    day = web.now(request).astimezone(ZoneInfo(settings.zone)).date()
    return Receipt(
        shop=goods.shop_name,
        number=str(it.id),
        order=str(it.order_id),
        title=it.title,
        tax_number=it.tax_number,
        day=day.isoformat(),
        lines=goods.lines,
        amount=f"{settings.currency} {format_plain(amount_minor, settings.currency)}",
        is_red=it.is_red,
    )
