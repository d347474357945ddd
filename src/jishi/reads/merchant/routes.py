"""Pages of the merchant's console: today, orders, one order, funds; and the files behind them."""

from typing import Any, Final

from litestar import Response, get
from litestar.response import Stream

from jishi import web
from jishi.kit.ids import cell_of
from jishi.kit.money import scale_of
from jishi.kit.paging import PAGE_SIZE
from jishi.modules import ledger
from jishi.modules.fulfilment import carrier_name, common_carriers
from jishi.modules.ledger.types import ESCROW, PAYABLE_SHOP
from jishi.reads.merchant import api, files, queries
from jishi.reads.merchant.asked import (
    LEADING,
    SELLING,
    role_of,
    shop_id_of,
    wanted_of,
    zone_of,
)
from jishi.reads.merchant.figures import Today, change_bp, day_of, month_of
from jishi.reads.merchant.masking import PACKING
from jishi.reads.merchant.order_page import SHOP_WHYS, WHY_WORDS, one_order
from jishi.reads.merchant.types import COUNT_MAX, TABS, Wanted, number_tail
from jishi.web.charts import Drawing, line_chart
from jishi.web.i18n import translator
from jishi.web.pages import environment, locale_of

CONSOLE: Final = "/merchant/{shop_id:str}"
CSV: Final = "text/csv; charset=utf-8"
ACCOUNTS: Final = {"escrow": (ESCROW,), "payable": (PAYABLE_SHOP,)}


@get(CONSOLE)
async def get_today(request: web.AnyRequest) -> Response[Any]:
    """GET /merchant/{shop_id}: what waits, and today beside yesterday; 200."""
    shop_id, role = shop_id_of(request), role_of(request)
    day = day_of(web.now(request), zone_of(request))
    ctx: dict[str, Any] = {"shop_id": shop_id, "may": _may(request), "today": None}
    async with web.read(request) as tx:
        ctx["waiting"] = await queries.waiting(tx, shop_id, now=day.now)
        ctx["low_count"], ctx["low"] = await queries.low_stock(tx, shop_id)
        if role in SELLING:
            ctx["today"], ctx["refunds"] = await queries.today(tx, shop_id, day)
            ctx["best"] = await queries.best_sellers(tx, shop_id, day)
        if role in LEADING:
            ctx["funds"] = await ledger.shop_totals(tx, shop_id)
    if ctx["today"]:
        ctx["drawings"] = _sales_chart(request, ctx["today"])
    return web.page(request, "merchant/today.html", day=day, change_bp=change_bp, **ctx)


@get(f"{CONSOLE}/orders")
async def get_orders(request: web.AnyRequest) -> Response[Any]:
    """GET /merchant/{shop_id}/orders (state, q, from, to, late, after): a page of orders; 200."""
    wanted = wanted_of(request)
    cursor = request.query_params.get("after")
    async with web.read(request) as tx:
        counts = await queries.state_counts(tx, wanted.shop_id, now=wanted.now)
        found = await queries.list_orders(tx, wanted, cursor=cursor, size=PAGE_SIZE)
        rows = await queries.order_rows(tx, wanted.shop_id, found.ids)
    return web.page(
        request,
        "merchant/orders.html",
        shop_id=wanted.shop_id,
        may=_may(request),
        wanted=wanted,
        asked=_filters(request, wanted),
        tabs=TABS,
        counts=counts,
        count_max=COUNT_MAX,
        rows=rows,
        found=found,
        is_first=not cursor,
        window=queries.SEARCH_WINDOW,
        carrier_of=lambda code: carrier_name(code, locale_of(request)),
    )


@get(f"{CONSOLE}/orders.csv")
async def get_orders_file(request: web.AnyRequest) -> Stream:
    """GET /merchant/{shop_id}/orders.csv (filters as the list): a row per line, at most 50,000; 200."""
    wanted, role = wanted_of(request), role_of(request)
    chunks = files.order_file(web.pool(request), wanted, _writer(request), role)
    return _file(files.bytes_of(chunks), f"orders-{wanted.now:%Y%m%d-%H%M}.csv")


@get(CONSOLE + "/orders/{order_id:str}")
async def get_order(request: web.AnyRequest) -> Response[Any]:
    """GET /merchant/{shop_id}/orders/{order_id}: one order; 200, 404 when it is another shop's."""
    shop_id, locale = shop_id_of(request), locale_of(request)
    async with web.read(request) as tx:
        row = await queries.get_order(tx, shop_id, web.path_id(request, "order_id"))
    return web.page(
        request,
        "merchant/order.html",
        shop_id=shop_id,
        may=_may(request),
        order=one_order(row, role=role_of(request), locale=locale),
        carriers=common_carriers(),
        reasons=[(why, WHY_WORDS[why]) for why in SHOP_WHYS],
    )


@get(f"{CONSOLE}/funds")
async def get_funds(request: web.AnyRequest) -> Response[Any]:
    """GET /merchant/{shop_id}/funds (view, account, after): held, withdrawable, statement; 200."""
    shop_id = shop_id_of(request)
    view = request.query_params.get("view", "")
    view = view if view in {"held", "lines"} else "held"
    account = request.query_params.get("account", "")
    cursor = request.query_params.get("after")
    kinds = ACCOUNTS.get(account, (ESCROW, PAYABLE_SHOP))
    ctx: dict[str, Any] = {}
    async with web.read(request) as tx:
        ctx["totals"] = await ledger.shop_totals(tx, shop_id)
        ctx["at"] = await queries.payout_standing(tx, shop_id, now=web.now(request))
        if view == "held":
            ctx["held"], ctx["next_cursor"] = await queries.in_escrow(
                tx, shop_id, cursor=cursor, size=PAGE_SIZE
            )
        else:
            entries = await ledger.statement(
                tx, cell_of(shop_id), kinds, shop_id, cursor=cursor, size=PAGE_SIZE
            )
            ctx["entries"], ctx["next_cursor"] = entries.items, entries.next_cursor
    return web.page(
        request,
        "merchant/funds.html",
        shop_id=shop_id,
        view=view,
        account=account if account in ACCOUNTS else "",
        account_words=ledger.account_words,
        kind_words=ledger.kind_words,
        number_tail=number_tail,
        **ctx,
    )


@get(f"{CONSOLE}/funds/month")
async def get_funds_month(request: web.AnyRequest) -> Response[Any]:
    """GET /merchant/{shop_id}/funds/month: what was settled this month; to htmx the part alone; 200."""
    since, until = month_of(web.now(request), zone_of(request))
    async with web.read(request) as tx:
        row = await queries.month(tx, shop_id_of(request), since, until)
    ctx = {"month": row, "since": since, "shop_id": shop_id_of(request)}
    return web.page(request, "merchant/funds_month.html", block=_part(request), **ctx)


@get(f"{CONSOLE}/funds/check")
async def get_funds_check(request: web.AnyRequest) -> Response[Any]:
    """GET /merchant/{shop_id}/funds/check: both accounts added up again from their postings; 200."""
    shop_id = shop_id_of(request)
    async with web.read(request) as tx:
        found = await ledger.recount(tx, cell_of(shop_id), [ESCROW, PAYABLE_SHOP], shop_id)
    return web.page(
        request,
        "merchant/funds_check.html",
        block=_part(request),
        shop_id=shop_id,
        recounts=found,
        account_words=ledger.account_words,
    )


@get(f"{CONSOLE}/funds.csv")
async def get_funds_file(request: web.AnyRequest) -> Stream:
    """GET /merchant/{shop_id}/funds.csv: the newest 50,000 lines of the statement; 200."""
    chunks = files.statement_file(web.pool(request), shop_id_of(request), _writer(request))
    return _file(files.bytes_of(chunks), f"funds-{web.now(request):%Y%m%d-%H%M}.csv")


def _part(request: web.AnyRequest) -> str | None:
    """What htmx puts into the page that is open; without script the address is a page of its own."""
    return "part" if web.is_htmx(request) else None


def _may(request: web.AnyRequest) -> dict[str, bool]:
    """What this person's role opens on the pages; the guard says the same at each route."""
    role = role_of(request)
    return {"sell": role in SELLING, "lead": role in LEADING, "ship": role in PACKING}


def _filters(request: web.AnyRequest, wanted: Wanted) -> dict[str, Any]:
    """The filters as they stand in addresses; empty ones are left out there."""
    params = request.query_params
    return {
        "state": wanted.state.code if wanted.state else "",
        "q": wanted.q,
        "from": params.get("from", "") if wanted.since else "",
        "to": params.get("to", "") if wanted.until else "",
        "late": "1" if wanted.late else "",
    }


def _writer(request: web.AnyRequest) -> files.FileWriter:
    return files.FileWriter(
        translator(locale_of(request)),
        currency=web.settings(request).currency,
        zone=zone_of(request),
    )


def _file(chunks: Any, name: str) -> Stream:
    headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}
    return Stream(chunks, media_type=CSV, headers=headers)


def _sales_chart(request: web.AnyRequest, today: Today) -> list[Drawing]:
    """Cumulative sales in whole units of money, a point per quarter hour."""
    unit = 10 ** scale_of(web.settings(request).currency)
    count: Any = environment(locale_of(request)).globals["count"]
    labels = [f"{slot // 4}:00" if slot % 4 == 0 else "" for slot in range(97)]
    return line_chart(
        [minor / unit for minor in today.sales],
        labels,
        other=[minor / unit for minor in today.sales_yesterday],
        slots=len(labels),
        show=lambda value: str(count(round(value))),
    )


routes = [
    get_today,
    get_orders,
    get_orders_file,
    get_order,
    get_funds,
    get_funds_month,
    get_funds_check,
    get_funds_file,
    *api.routes,
]
