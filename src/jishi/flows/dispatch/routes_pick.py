"""Pick lists: what to take from which shelf, as a page and as a PDF."""

import asyncio
from collections.abc import Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any, Final
from zoneinfo import ZoneInfo

from litestar import Response, get

from jishi import web
from jishi.db import Row
from jishi.flows.dispatch import forms, storage
from jishi.flows.dispatch.label_pdf import PickRow, pick_pdf
from jishi.kit.text import mark as _
from jishi.web.i18n import translator
from jishi.web.pages import locale_of
from jishi.web.pdf import inline_pdf

PICK: Final = "/merchant/{shop_id:str}/orders/pick"
ORDERS_MAX: Final = 200
TITLE: Final = _("Pick list")
HEADS: Final = (_("Shelf"), _("Code"), _("Goods"), _("Pieces"), _("Orders"))
SHOWN_ORDERS: Final = 3  # numbers in a row of the file


@get(PICK)
async def get_pick(request: web.AnyRequest) -> Response[Any]:
    """GET /merchant/{shop_id}/orders/pick (order_id, repeated): by warehouse and shelf; 200.

    Without orders: the 200 that must leave first. 413 for more than 200.
    """
    rows = await _rows(request)
    shop_id, asked = forms.shop_of(request), _ids(request)
    return web.page(
        request,
        "dispatch/pick.html",
        shop_id=shop_id,
        groups=_by_warehouse(rows),
        orders=len({each for row in rows for each in row["orders"]}),
        pieces=sum(row["pieces"] for row in rows),
        asked=asked or (),
    )


@get(f"{PICK}.pdf")
async def get_pick_file(request: web.AnyRequest) -> Response[bytes]:
    """GET /merchant/{shop_id}/orders/pick.pdf (as the page): 200 the file."""
    words = translator(locale_of(request))
    rows = await _rows(request)
    groups = [(name, [_pick_row(row) for row in group]) for name, group in _by_warehouse(rows)]
    heads = [words(it) for it in HEADS]
    local = web.now(request).astimezone(ZoneInfo(web.settings(request).zone))
    title = f"{words(TITLE)} {local:%Y-%m-%d %H:%M}"
    return inline_pdf(await asyncio.to_thread(pick_pdf, title, heads, groups), "pick-list.pdf")


def _by_warehouse(rows: Sequence[Row]) -> list[tuple[str, list[Row]]]:
    """Names with their rows; two warehouses of one name stay apart."""
    groups = (list(group) for _, group in groupby(rows, key=itemgetter("warehouse_id")))
    return [(group[0]["warehouse"], group) for group in groups]


def _pick_row(row: Row) -> PickRow:
    tails = [f"…{str(order)[-6:]}" for order in row["orders"]]
    more = f" +{len(tails) - SHOWN_ORDERS}" if len(tails) > SHOWN_ORDERS else ""
    return PickRow(
        location=row["location"] or "—",
        title=row["title"],
        spec=" ".join(row["options"] or ()),
        code=row["code"],
        pieces=row["pieces"],
        orders=" ".join(tails[:SHOWN_ORDERS]) + more,
    )


async def _rows(request: web.AnyRequest) -> list[Row]:
    async with web.read(request) as tx:
        return await storage.pick_rows(tx, forms.shop_of(request), _ids(request), limit=ORDERS_MAX)


def _ids(request: web.AnyRequest) -> list[int] | None:
    """The orders asked for; None: whatever waits. Raises TooMany."""
    texts = request.query_params.getall("order_id", [])
    return forms.ids_of(texts, most=ORDERS_MAX) if texts else None


routes = [get_pick, get_pick_file]
