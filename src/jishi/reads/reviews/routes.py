"""HTTP for reading reviews."""

from typing import Any, Final

from litestar import Response, get

from jishi import web
from jishi.kit.errors import NotFound
from jishi.kit.ids import ProductId
from jishi.modules.reviews.types import ANSWER_MAX, NOTE_MAX, WHY_WORDS
from jishi.modules.shops import shop_here
from jishi.reads.reviews import queries, routes_api
from jishi.reads.reviews.asked import asked_of
from jishi.reads.reviews.types import FILTERS, MARKET_VIEWS, SHOP_VIEWS, SORTS, Asked
from jishi.web.pages import locale_of, query_url

TABS: Final = ("waiting", "written")


@get("/p/{product_id:str}/reviews")
async def get_product_reviews(request: web.AnyRequest) -> Response[Any]:
    """GET /p/{product_id}/reviews (sort, filter, sku, after): 200; 404; htmx gets the next ones."""
    product_id, locale = ProductId(web.path_id(request, "product_id")), locale_of(request)
    asked, path = asked_of(request), f"/p/{product_id}/reviews"
    after, me = request.query_params.get("after"), web.identity(request)
    reader_id = me.account_id if me else None
    async with web.read(request) as tx:
        found = await queries.list_reviews(tx, product_id, asked, after, reader_id=reader_id)
        if web.is_htmx(request) and after:
            next_url = _url(path, asked, found.next_cursor)
            return web.page(request, "reviews/more.html", found=found.items, next_url=next_url)
        product = await queries.find_product(tx, locale, product_id)
        summary = await queries.summary_of(tx, product_id)
        skus = await queries.by_sku(tx, product_id)
    if product is None:
        raise NotFound
    return web.page(
        request,
        "reviews/product.html",
        product=product,
        summary=summary,
        found=found.items,
        next_url=_url(path, asked, found.next_cursor),
        asked=asked,
        chips=[
            (name, text, query_url(path, filter=name if name != "all" else "", sort=_sort(asked)))
            for name, text in FILTERS.items()
        ],
        skus=[(it, query_url(path, filter="sku", sku=it.sku_id, sort=_sort(asked))) for it in skus],
        sorts=[
            (text, query_url(path, **_filter(asked), sort=name if name != "best" else ""), name)
            for name, text in SORTS.items()
        ],
    )


@get("/me/reviews")
async def get_mine(request: web.AnyRequest) -> Response[Any]:
    """GET /me/reviews (tab, after): 200 what may be reviewed, or one's own reviews."""
    tab = request.query_params.get("tab", "")
    tab = tab if tab in TABS else TABS[0]
    me, now, locale = web.signed_in(request).account_id, web.now(request), locale_of(request)
    after = request.query_params.get("after")
    async with web.read(request) as tx:
        waiting = written = None
        if tab == "waiting":
            waiting = await queries.list_waiting(tx, locale, me, after, now=now)
        else:
            written = await queries.list_mine(tx, locale, me, after, now=now)
    page = waiting or written
    assert page is not None
    cursor = page.next_cursor
    return web.page(
        request,
        "reviews/mine.html",
        tab=tab,
        waiting=waiting.items if waiting else [],
        written=written.items if written else [],
        next_url=query_url("/me/reviews", tab=tab, after=cursor) if cursor else "",
        whys=WHY_WORDS,
    )


@get("/merchant/{shop_id:str}/reviews")
async def get_shop_reviews(request: web.AnyRequest) -> Response[Any]:
    """GET /merchant/{shop_id}/reviews (view, after): 200 a shop's reviews and its rating."""
    here, locale, now = shop_here(request), locale_of(request), web.now(request)
    view = _view(request, SHOP_VIEWS)
    after = request.query_params.get("after")
    async with web.read(request) as tx:
        summary = await queries.shop_summary_of(tx, here.id)
        unanswered = await queries.unanswered(tx, here.id)
        found = await queries.list_of_shop(tx, locale, here.id, view, after, now=now)
    path, cursor = f"{here.base}/reviews", found.next_cursor
    return web.page(
        request,
        "reviews/shop.html",
        shop=here,
        view=view,
        views=SHOP_VIEWS,
        summary=summary,
        unanswered=unanswered,
        found=found.items,
        is_first=not after,
        next_url=query_url(path, view=view, after=cursor) if cursor else "",
        answer_max=ANSWER_MAX,
    )


@get("/operator/reviews")
async def get_market_reviews(request: web.AnyRequest) -> Response[Any]:
    """GET /operator/reviews (view, after): 200 what was reported or is held, or what is hidden."""
    view, after = _view(request, MARKET_VIEWS), request.query_params.get("after")
    locale, now = locale_of(request), web.now(request)
    async with web.read(request) as tx:
        found = await queries.list_of_market(tx, locale, view, after, now=now)
    cursor = found.next_cursor
    return web.page(
        request,
        "reviews/market.html",
        view=view,
        views=MARKET_VIEWS,
        found=found.items,
        is_first=not after,
        next_url=query_url("/operator/reviews", view=view, after=cursor) if cursor else "",
        whys=WHY_WORDS,
        note_max=NOTE_MAX,
    )


def _view(request: web.AnyRequest, views: Any) -> str:
    view = request.query_params.get("view", "")
    return view if view in views else next(iter(views))


def _sort(asked: Asked) -> str:
    return asked.sort if asked.sort != "best" else ""


def _filter(asked: Asked) -> dict[str, Any]:
    return {"filter": asked.filter if asked.filter != "all" else "", "sku": asked.sku_id}


def _url(path: str, asked: Asked, cursor: str | None) -> str:
    return query_url(path, **_filter(asked), sort=_sort(asked), after=cursor) if cursor else ""


routes = [
    get_product_reviews,
    get_mine,
    get_shop_reviews,
    get_market_reviews,
    *routes_api.routes,
]
