"""HTTP for spreadsheets of goods: download, upload, check, confirm, progress, report, undo."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final

import msgspec
from litestar import Response, get, post

from jishi import web
from jishi.flows.audit_products.shown import STATE_WORDS
from jishi.flows.edit_by_sheet import api, edge, files, flow, shown, storage
from jishi.flows.edit_by_sheet.types import COLUMNS, ROWS_MAX, UNDO_WITHIN
from jishi.kit.errors import Refusal, Refusals
from jishi.kit.ids import ProductId, parse_id
from jishi.kit.paging import PAGE_SIZE
from jishi.kit.text import mark as _
from jishi.modules import stock
from jishi.modules.catalogue import BULK_MAX, sheets
from jishi.modules.shops import shop_here
from jishi.web.answer import redirect
from jishi.web.flash import flash
from jishi.web.i18n import translator
from jishi.web.pages import locale_of

SHEETS: Final = "/merchant/{shop_id:str}/goods/sheets"
ONE: Final = SHEETS + "/{sheet_id:str}"
ROWS: Final = 100  # of one page of verdicts
CONFIRMED: Final = _("The upload is being applied. You may leave this page.")
UNDOING: Final = _("The upload is being undone. You may leave this page.")
DROPPED: Final = _("Put away. No goods were changed.")
VIEWS: Final = {
    "wrong": ("wrong", "refused", "kept"),
    "good": ("good", "applied", "undone"),
    "waiting": ("waiting",),
    "same": ("same",),
}


class ConfirmForm(msgspec.Struct, kw_only=True):
    whole: str = ""


@get(SHEETS)
async def get_sheets(request: web.AnyRequest) -> Response[Any]:
    """GET …/goods/sheets (after): the uploads, the newest first, and the form; 200."""
    return await _list(request)


@post(SHEETS)
async def post_sheet(request: web.AnyRequest) -> Response[Any]:
    """POST …/goods/sheets (multipart: file): 303 to the checked upload; 413, 422 the page."""
    here = shop_here(request)
    try:
        sheet_id = await edge.take_upload(request, here.id)
    except (Refusal, Refusals) as problem:
        return await _list(request, problem)
    return redirect(f"{here.base}/goods/sheets/{sheet_id}")


@get(SHEETS + "/download")
async def get_download(request: web.AnyRequest) -> Response[bytes]:
    """GET …/sheets/download (format=xlsx|csv, product_id …): the spreadsheet; 200."""
    here = shop_here(request)
    asked = request.query_params
    ids = [ProductId(it) for it in map(parse_id, asked.getall("product_id", [])[:BULK_MAX]) if it]
    async with web.read(request) as tx:
        warehouse_id = (await stock.default_warehouses(tx, [here.id]))[here.id]
        rows = await storage.download_rows(tx, here.id, warehouse_id, ids, ROWS_MAX)
    words = translator(locale_of(request)).gettext
    currency = web.settings(request).currency
    table = files.goods_table(rows, words, currency=currency, states=STATE_WORDS)
    return await _file("goods", table, asked.get("format", "xlsx"))


@get(ONE)
async def get_sheet(request: web.AnyRequest) -> Response[Any]:
    """GET …/sheets/{sheet_id} (view, after): a verdict per row, counts, progress; 200, 404."""
    here = shop_here(request)
    sheet_id = web.path_id(request, "sheet_id")
    asked = request.query_params
    async with web.read(request) as tx:
        sheet = await sheets.get(tx, here.id, sheet_id)
        counts = await sheets.counts_of(tx, sheet_id)
        view = asked.get("view", "") if asked.get("view") in VIEWS else _first(counts)
        page = await sheets.rows_of(
            tx, sheet_id, states=VIEWS[view], cursor=asked.get("after"), size=ROWS
        )
    return web.page(
        request,
        "edit_by_sheet/sheet.html",
        shop=here,
        sheet=sheet,
        counts={name: sum(counts.get(it, 0) for it in states) for name, states in VIEWS.items()},
        view=view,
        rows=[shown.row(request, it) for it in page.items],
        next_cursor=page.next_cursor,
        is_first=not asked.get("after"),
        states=shown.SHEET_STATES,
        row_states=shown.ROW_STATES,
        is_working=sheet["state"] in flow.WORKING,
        to_do=int(sheet["rows_good"]),
        may_undo=sheet["state"] == "applied"
        and web.now(request) < sheet["applied_at"] + UNDO_WITHIN,
        undo_until=sheet["applied_at"] and sheet["applied_at"] + UNDO_WITHIN,
    )


@post(ONE + "/confirm")
async def post_confirm(request: web.AnyRequest) -> Response[Any]:
    """POST …/confirm (whole=1: all rows or none): 303; a refusal is told on the page."""
    form = await web.read_form(request, ConfirmForm)

    async def step(tx: Any, **given: Any) -> None:
        await flow.confirm(tx, is_whole=form.whole == "1", **given)

    return await _step(request, step, CONFIRMED)


@post(ONE + "/drop")
async def post_drop(request: web.AnyRequest) -> Response[Any]:
    """POST …/drop: 303; a refusal is told on the page."""

    async def step(tx: Any, by: Any, **given: Any) -> None:  # noqa: ARG001
        await flow.drop(tx, **given)

    return await _step(request, step, DROPPED)


@post(ONE + "/undo")
async def post_undo(request: web.AnyRequest) -> Response[Any]:
    """POST …/undo: 303; a refusal is told on the page."""
    return await _step(request, flow.undo, UNDOING)


@get(ONE + "/report")
async def get_report(request: web.AnyRequest) -> Response[bytes]:
    """GET …/report (format=xlsx|csv): rows that were wrong, refused or stayed, and why; 200, 404."""
    here = shop_here(request)
    sheet_id = web.path_id(request, "sheet_id")
    async with web.read(request) as tx:
        await sheets.get(tx, here.id, sheet_id)
        page = await sheets.rows_of(tx, sheet_id, states=VIEWS["wrong"], size=ROWS_MAX)
    words = translator(locale_of(request)).gettext
    heads = [_("Row"), _("Column"), _("What is wrong")]
    table = [[words(it) for it in (*heads, *COLUMNS.values())]]
    for each in page.items:
        its = shown.row(request, each)
        columns = ", ".join(dict.fromkeys(name for name, _text in its.problems if name))
        told = " ".join(text for _name, text in its.problems)
        table.append([str(its.row), columns, told, *(each.typed.get(it, "") for it in COLUMNS)])
    return await _file(f"report-{sheet_id}", table, request.query_params.get("format", "xlsx"))


async def _step(
    request: web.AnyRequest, step: Callable[..., Awaitable[None]], done: str
) -> Response[Any]:
    here = shop_here(request)
    sheet_id = web.path_id(request, "sheet_id")
    path = f"{here.base}/goods/sheets/{sheet_id}"
    try:
        async with web.transaction(request) as tx:
            me = web.signed_in(request).account_id
            given = {"shop_id": here.id, "sheet_id": sheet_id, "now": web.now(request), "by": me}
            await step(tx, **given)
    except sheets.SheetNotFound:
        raise
    except Refusal as problem:
        return flash(redirect(path), "bad", web.words(request, problem))
    return flash(redirect(path), "ok", translator(locale_of(request)).gettext(done))


async def _list(
    request: web.AnyRequest, problem: Refusal | Refusals | None = None
) -> Response[Any]:
    here = shop_here(request)
    after = request.query_params.get("after")
    async with web.read(request) as tx:
        page = await sheets.list_of(tx, here.id, cursor=after, size=PAGE_SIZE)
    return web.page(
        request,
        "edit_by_sheet/sheets.html",
        status=web.status_of(problem) if problem else 200,
        shop=here,
        rows=page.items,
        next_cursor=page.next_cursor,
        is_first=not after,
        states=shown.SHEET_STATES,
        columns=COLUMNS,
        errors=web.field_errors(request, problem) if problem else {},
    )


async def _file(name: str, table: list[list[str]], kind: str) -> Response[bytes]:
    is_csv = kind == "csv"
    body = await asyncio.to_thread(files.as_csv if is_csv else files.as_xlsx, table)
    ending, media_type = ("csv", files.CSV) if is_csv else ("xlsx", files.XLSX)
    headers = {"content-disposition": f'attachment; filename="{name}.{ending}"'}
    return Response(body, media_type=media_type, headers=headers)


def _first(counts: dict[str, int]) -> str:
    """The view one lands on: what is wrong, else what changes."""
    return next((it for it, states in VIEWS.items() if any(counts.get(s) for s in states)), "good")


routes = [
    get_sheets,
    post_sheet,
    get_download,
    get_sheet,
    post_confirm,
    post_drop,
    post_undo,
    get_report,
    *api.routes,
]
