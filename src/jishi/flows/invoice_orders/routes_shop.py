"""Pages of the invoices a shop is asked for."""

from collections.abc import AsyncIterator
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec
from litestar import Response, get, post
from litestar.response import Stream

from jishi import web
from jishi.flows.invoice_orders import edge, flow
from jishi.kit.errors import Refusal, Refusals
from jishi.kit.ids import ShopId
from jishi.kit.money import format_plain
from jishi.kit.paging import PAGE_SIZE, PAGE_SIZE_MAX
from jishi.kit.text import mark as _
from jishi.modules.invoices import Invoice, InvoiceState, service
from jishi.web import sheet
from jishi.web.answer import redirect
from jishi.web.flash import flash
from jishi.web.i18n import Translator, translator
from jishi.web.pages import locale_of

SHOP: Final = "/merchant/{shop_id:str}/invoices"
ONE: Final = SHOP + "/{invoice_id:str}"
CSV_ROWS_MAX: Final = 10_000
CSV: Final = "text/csv; charset=utf-8"
HEADS: Final = (
    _("Invoice"), _("Kind"), _("State"), _("Order number"), _("Made out to"), _("Invoice title"),
    _("Tax number"), _("E-mail"), _("Amount"), _("Invoice number"), _("Asked"), _("Due"), _("Ended"),
)  # fmt: skip
KIND_WORDS: Final = {"blue": _("Invoice"), "red": _("Red invoice")}


class IssueForm(msgspec.Struct):
    amount: str = ""
    number: str = ""
    why: str = ""


@get(SHOP)
async def get_invoices(request: web.AnyRequest) -> Response[Any]:
    """GET /merchant/{shop_id}/invoices (state, after): to be issued by urgency, else the newest; 200."""
    state = _state(request)
    cursor = request.query_params.get("after")
    async with web.read(request) as tx:
        found = await service.list_of_shop(
            tx, edge.shop_of(request), state, cursor=cursor, size=PAGE_SIZE
        )
    return web.page(
        request,
        "invoice_orders/shop.html",
        shop_id=edge.shop_of(request),
        state=state,
        found=found,
        is_first=not cursor,
        kind_words=KIND_WORDS,
    )


@get(f"{SHOP}.csv")
async def get_file_of_all(request: web.AnyRequest) -> Stream:
    """GET /merchant/{shop_id}/invoices.csv (state): a row per invoice, at most 10,000; 200."""
    words = translator(locale_of(request))
    chunks = _rows(request, edge.shop_of(request), _state(request), words)
    headers = {
        "content-disposition": f'attachment; filename="invoices-{web.now(request):%Y%m%d}.csv"',
        "cache-control": "no-store",
    }
    return Stream(chunks, media_type=CSV, headers=headers)


@get(ONE)
async def get_invoice(request: web.AnyRequest) -> Response[Any]:
    """GET /merchant/{shop_id}/invoices/{invoice_id}: one, with the form to issue it; 200; 404."""
    return await _page(request)


@post(f"{ONE}/issue")
async def post_issue(request: web.AnyRequest) -> Response[Any]:
    """POST …/invoices/{invoice_id}/issue (amount, number, file): 303; 404; 409, 413, 422 the form."""
    form = await web.read_form(request, IssueForm)
    try:
        file = await web.upload(request, "file")
        await edge.issue_upload(request, amount=form.amount, number=form.number, file=file)
    except (Refusal, Refusals) as problem:
        return await _page(request, problem, form=form)
    return _told(request, _("Issued. The buyer can download it."))


@post(f"{ONE}/receipt")
async def post_receipt(request: web.AnyRequest) -> Response[Any]:
    """POST …/invoices/{invoice_id}/receipt: a plain receipt, made here; 303; 404; 409."""
    await edge.issue_receipt(request)
    return _told(request, _("Issued. The buyer can download it."))


@post(f"{ONE}/refuse")
async def post_refuse(request: web.AnyRequest) -> Response[Any]:
    """POST …/invoices/{invoice_id}/refuse (why): 303; 404; 409, 422 the form."""
    form = await web.read_form(request, IssueForm)
    try:
        await edge.refuse(request, form.why)
    except (Refusal, Refusals) as problem:
        return await _page(request, problem, form=form)
    return _told(request, _("The buyer is told why."))


@get(f"{ONE}/file")
async def get_file(request: web.AnyRequest) -> Response[Any]:
    """GET …/invoices/{invoice_id}/file: 200; 404."""
    async with web.read(request) as tx:
        found = await service.get(
            tx, web.path_id(request, "invoice_id"), shop_id=edge.shop_of(request)
        )
    return await edge.file_answer(request, found)


async def _page(
    request: web.AnyRequest,
    problem: Refusal | Refusals | None = None,
    *,
    form: IssueForm | None = None,
) -> Response[Any]:
    shop_id = edge.shop_of(request)
    amount, why_not = 0, ""
    async with web.read(request) as tx:
        it = await service.get(tx, web.path_id(request, "invoice_id"), shop_id=shop_id)
        try:
            amount = await flow.amount_of(tx, it)
        except Refusal as no:
            why_not = web.words(request, no)
        others = [each for each in await service.of_order(tx, it.order_id) if each.id != it.id]
    currency = web.settings(request).currency
    return web.page(
        request,
        "invoice_orders/issue.html",
        status=web.status_of(problem) if problem else 200,
        shop_id=shop_id,
        it=it,
        others=others,
        amount_minor=amount,
        why_not=why_not,
        form=form or IssueForm(amount=format_plain(abs(amount), currency) if amount else ""),
        errors=web.field_errors(request, problem) if problem else {},
        kind_words=KIND_WORDS,
    )


async def _rows(
    request: web.AnyRequest, shop_id: ShopId, state: str, words: Translator
) -> AsyncIterator[bytes]:
    settings = web.settings(request)
    zone = ZoneInfo(settings.zone)
    yield (sheet.BOM + sheet.lines([[words(name) for name in HEADS]])).encode()
    cursor: str | None = None
    for _page_number in range(CSV_ROWS_MAX // PAGE_SIZE_MAX):
        async with web.read(request) as tx:
            found = await service.list_of_shop(
                tx, shop_id, state, cursor=cursor, size=PAGE_SIZE_MAX
            )
        rows = [_row(it, words, settings.currency, zone) for it in found.items]
        yield sheet.lines(rows).encode()
        cursor = found.next_cursor
        if cursor is None:
            return


def _row(it: Invoice, words: Translator, currency: str, zone: ZoneInfo) -> list[str]:
    instants = [
        at.astimezone(zone).strftime("%Y-%m-%d %H:%M") if at else ""
        for at in (it.asked_at, it.due_at, it.ended_at)
    ]
    return [
        sheet.number(it.id),
        words(KIND_WORDS[it.kind]),
        words(it.state.words),
        sheet.number(it.order_id),
        words(it.title_kind.words),
        sheet.cell(it.title),
        sheet.number(it.tax_number),
        sheet.cell(it.email),
        format_plain(it.amount_minor, currency) if it.amount_minor is not None else "",
        sheet.number(it.number),
        *instants,
    ]


def _state(request: web.AnyRequest) -> str:
    state = request.query_params.get("state", "asked")
    return state if state in set(InvoiceState) else ""


def _told(request: web.AnyRequest, text: str) -> Response[Any]:
    where = f"/merchant/{edge.shop_of(request)}/invoices/{web.path_id(request, 'invoice_id')}"
    return flash(redirect(where), "ok", translator(locale_of(request))(text))


routes = [
    get_invoices,
    get_file_of_all,
    get_invoice,
    post_issue,
    post_receipt,
    post_refuse,
    get_file,
]
