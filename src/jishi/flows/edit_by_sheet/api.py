"""Spreadsheets as JSON: rows or a file in, verdicts out."""

from typing import Any, Final

import msgspec
from litestar import Response, get, post

from jishi import web
from jishi.db import Row
from jishi.flows.edit_by_sheet import edge, flow, shown
from jishi.flows.edit_by_sheet.types import (
    COLUMNS,
    COLUMNS_MAX,
    ROWS_MAX,
    NoRows,
    Read,
    TooManySheetRows,
)
from jishi.kit.ids import ShopId
from jishi.kit.paging import PAGE_SIZE
from jishi.modules.catalogue import sheets
from jishi.modules.catalogue.types import SheetRow
from jishi.web.answer import json

SHEETS: Final = "/api/v1/shops/{shop_id:str}/sheets"
ONE: Final = SHEETS + "/{sheet_id:str}"
PAGE: Final = 100


class RowsBody(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """``rows``: cells by column key, all text; absent or empty leaves what stands."""

    rows: list[dict[str, str]]
    name: str = "api"


class ConfirmBody(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    whole: bool = False


@post(SHEETS)
async def api_add(request: web.AnyRequest) -> Response[bytes]:
    """POST …/sheets (JSON {"rows"}, or multipart ``file``): 201 the checked upload; 413; 422."""
    shop_id = _shop(request)
    if request.headers.get("content-type", "").startswith("multipart/"):
        sheet_id = await edge.take_upload(request, shop_id)
    else:
        body = await web.read_json(request, RowsBody)
        if len(body.rows) > ROWS_MAX:
            raise TooManySheetRows(field="rows", limit=ROWS_MAX)
        if not body.rows:
            raise NoRows(field="rows")
        strange = sorted({key[:80] for row in body.rows for key in row if key not in COLUMNS})
        lines = [
            (at, {key: text for key, text in row.items() if key in COLUMNS and text.strip()})
            for at, row in enumerate(body.rows, 1)
        ]
        sheet_id = await edge.check(
            request, shop_id, body.name, Read(lines, strange[:COLUMNS_MAX], len(COLUMNS))
        )
    return json(await _shown(request, shop_id, sheet_id), status=201)


@get(SHEETS)
async def api_list(request: web.AnyRequest) -> Response[bytes]:
    """GET …/sheets (cursor): 200 {"items", "next_cursor"}."""
    async with web.read(request) as tx:
        page = await sheets.list_of(
            tx, _shop(request), cursor=request.query_params.get("cursor"), size=PAGE_SIZE
        )
    return json({"items": [_sheet(it) for it in page.items], "next_cursor": page.next_cursor})


@get(ONE)
async def api_get(request: web.AnyRequest) -> Response[bytes]:
    """GET …/sheets/{sheet_id}: 200 with rows by state; 404."""
    return json(await _shown(request, _shop(request), web.path_id(request, "sheet_id")))


@get(ONE + "/rows")
async def api_rows(request: web.AnyRequest) -> Response[bytes]:
    """GET …/sheets/{sheet_id}/rows (state, cursor): 200 {"items", "next_cursor"}, 100 a page; 404."""
    asked = request.query_params
    sheet_id = web.path_id(request, "sheet_id")
    async with web.read(request) as tx:
        await sheets.get(tx, _shop(request), sheet_id)
        page = await sheets.rows_of(
            tx,
            sheet_id,
            states=asked.getall("state", []),
            cursor=asked.get("cursor"),
            size=PAGE,
        )
    return json(
        {"items": [_row(request, it) for it in page.items], "next_cursor": page.next_cursor}
    )


@post(ONE + "/confirm")
async def api_confirm(request: web.AnyRequest) -> Response[bytes]:
    """POST …/confirm {"whole"}: 202; 404; 409 by name."""
    body = await web.read_json(request, ConfirmBody)
    shop_id, sheet_id = _shop(request), web.path_id(request, "sheet_id")
    me = web.signed_in(request).account_id
    async with web.transaction(request) as tx:
        await flow.confirm(tx, shop_id, sheet_id, is_whole=body.whole, by=me, now=web.now(request))
    return json(await _shown(request, shop_id, sheet_id), status=202)


@post(ONE + "/undo")
async def api_undo(request: web.AnyRequest) -> Response[bytes]:
    """POST …/undo: 202; 404; 409 by name."""
    shop_id, sheet_id = _shop(request), web.path_id(request, "sheet_id")
    me = web.signed_in(request).account_id
    async with web.transaction(request) as tx:
        await flow.undo(tx, shop_id, sheet_id, by=me, now=web.now(request))
    return json(await _shown(request, shop_id, sheet_id), status=202)


async def _shown(request: web.AnyRequest, shop_id: ShopId, sheet_id: int) -> dict[str, Any]:
    async with web.read(request) as tx:
        sheet = await sheets.get(tx, shop_id, sheet_id)
        counts = await sheets.counts_of(tx, sheet_id)
    return {**_sheet(sheet), "rows": counts}


def _sheet(it: Row) -> dict[str, Any]:
    names = (
        *("name", "state", "is_whole", "rows_total", "rows_good", "rows_wrong", "rows_same"),
        *("rows_done", "strange", "uploaded_at", "confirmed_at", "applied_at", "undone_at"),
    )
    return {"id": str(it["id"]), **{name: it[name] for name in names}}


def _row(request: web.AnyRequest, it: SheetRow) -> dict[str, Any]:
    return {
        "row": it.row,
        "state": it.state,
        "sku_id": str(it.sku_id or ""),
        "product_id": str(it.product_id or ""),
        "wanted": it.wanted,
        "before": it.before,
        "errors": [
            {"column": each["column"], "code": each["code"], "detail": shown.text(request, each)}
            for each in it.problems
        ],
    }


def _shop(request: web.AnyRequest) -> ShopId:
    return ShopId(web.path_id(request, "shop_id"))


routes = [api_add, api_list, api_get, api_rows, api_confirm, api_undo]
