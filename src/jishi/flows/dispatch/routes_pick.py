"""Pick lists: what to take from which shelf, as a page and as a PDF."""

from itertools import groupby
from typing import Any, Final

from litestar import Response, get

from jishi import web
from jishi.db import Row
from jishi.flows.dispatch import storage
from jishi.flows.dispatch.label_pdf import PickRow, pick_pdf
from jishi.flows.dispatch.types import TooManyLabels
from jishi.kit.ids import ShopId, parse_id
from jishi.web.i18n import translator
from jishi.web.pages import locale_of, query_url

PICK: Final = "/merchant/{shop_id:str}/orders/pick"
ORDERS_MAX: Final = 200
SHOWN_ORDERS: Final = 3  # numbers in a row of the file


@get(PICK)
async def get_pick(request: web.AnyRequest) -> Response[Any]:
    """GET /merchant/{shop_id}/orders/pick (order_id, repeated): by warehouse and shelf; 200.

    Without orders: the 200 that must leave first. 413 for more than 200.
    """
    rows = await _rows(request)
    asked = request.query_params.getall("order_id", [])
    file = query_url(f"/merchant/{_shop(request)}/orders/pick.pdf")
    return web.page(
        request,
        "dispatch/pick.html",
        shop_id=_shop(request),
        groups=[
            (name, list(group)) for name, group in groupby(rows, key=lambda it: it["warehouse"])
        ],
        orders=len({each for row in rows for each in row["orders"]}),
        pieces=sum(row["pieces"] for row in rows),
        asked=asked,
        file=file
        + ("?" + "&".join(f"order_id={it}" for it in _ids(request) or ()) if asked else ""),
    )


@get(f"{PICK}.pdf")
async def get_pick_file(request: web.AnyRequest) -> Response[bytes]:
    """GET /merchant/{shop_id}/orders/pick.pdf (as the page): 200 the file."""
    words = translator(locale_of(request))
    rows = await _rows(request)
    groups = [
        (name, [_pick_row(row) for row in group])
        for name, group in groupby(rows, key=lambda it: it["warehouse"])
    ]
    heads = [words(it) for it in ("Shelf", "Code", "Goods", "Pieces", "Orders")]
    title = f"{words('Pick list')} {web.now(request):%Y-%m-%d %H:%M} UTC"
    answer = Response(pick_pdf(title, heads, groups), media_type="application/pdf")
    answer.headers["content-disposition"] = 'inline; filename="pick-list.pdf"'
    return answer


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
        return await storage.pick_rows(tx, _shop(request), _ids(request), limit=ORDERS_MAX)


def _ids(request: web.AnyRequest) -> list[int] | None:
    """The orders asked for; None: whatever waits. Raises TooManyLabels."""
    texts = request.query_params.getall("order_id", [])
    found = list(dict.fromkeys(it for text in texts[: ORDERS_MAX * 5] if (it := parse_id(text))))
    if len(found) > ORDERS_MAX:
        raise TooManyLabels(limit=ORDERS_MAX)
    return found if texts else None


def _shop(request: web.AnyRequest) -> ShopId:
    return ShopId(web.path_id(request, "shop_id"))


routes = [get_pick, get_pick_file]
