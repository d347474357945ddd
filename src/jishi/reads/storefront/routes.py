"""HTTP for the storefront. Everyone may look; nothing is written."""

from collections.abc import Callable, Sequence
from typing import Any, Final

from litestar import Response, get

from jishi import web
from jishi.kit.errors import NotFound
from jishi.kit.ids import ProductId, ShopId, parse_id
from jishi.kit.paging import PAGE_SIZE, Page
from jishi.reads.storefront import picker, queries, rules
from jishi.reads.storefront.tree import CategoryTree
from jishi.reads.storefront.types import COUNTED_MAX, SORTS, Card, CategoryLink, Filters
from jishi.web.answer import json
from jishi.web.i18n import translator
from jishi.web.pages import environment, locale_of, query_url

FOUND_SORTS: Final = ("relevance", "sold", "newest", "price", "price_down")
LISTED_SORTS: Final = ("sold", "newest", "price", "price_down")


@get("/")
async def get_home(request: web.AnyRequest) -> Response[Any]:
    """GET / (after): 200; what sold most and what is newest; to htmx only the next goods."""
    after = request.query_params.get("after")
    locale, tree = locale_of(request), tree_of(request)
    async with web.read(request) as tx:
        goods = await queries.newest(tx, locale, after)
        if web.is_htmx(request) and after:
            return _more(request, "/", goods)
        await tree.load(tx)
        most_sold = [] if after else await queries.most_sold(tx, locale)
    return web.page(
        request,
        "storefront/home.html",
        shortcuts=tree.shortcuts(locale),
        most_sold=most_sold,
        goods=goods.items,
        next_url=_next(request, "/", goods),
        is_first=not after,
    )


@get("/search")
async def get_search(request: web.AnyRequest) -> Response[Any]:
    """GET /search (q, c, low, high, stock, sort, after): 200; without q all categories."""
    asked = request.query_params
    words = queries.words_of(asked.get("q", ""))
    if not words:
        return await _categories(request)
    filters = _filters(request, sort="relevance", sorts=FOUND_SORTS)
    locale = locale_of(request)
    query = rules.tsquery(words) or ""
    is_loose = asked.get("loose") == "1"
    async with web.read(request) as tx:
        if is_loose:
            query = rules.tsquery(words, any_word=True) or ""
        goods = await queries.search(tx, locale, query, filters, asked.get("after"))
        if web.is_htmx(request) and asked.get("after"):
            return _more(request, "/search", goods)
        total, roots = await queries.count_matches(tx, locale, query, filters)
        if not total and not is_loose and " " in words and not filters.is_narrow:
            loose = rules.tsquery(words, any_word=True) or ""
            goods = await queries.search(tx, locale, loose, filters, None)
            is_loose = bool(goods.items)
    return web.page(
        request,
        "storefront/search.html",
        goods=goods.items,
        next_url=_next(request, "/search", goods, loose="1" if is_loose else ""),
        total=total,
        counted_max=COUNTED_MAX,
        roots=roots,
        chosen_root=await _chosen(request, filters, roots),
        is_loose=is_loose,
        filters=filters,
        sorts=_sorts(request, "/search", filters, FOUND_SORTS),
        asked=dict(asked),
    )


@get("/c/{category_id:str}")
async def get_category(request: web.AnyRequest) -> Response[Any]:
    """GET /c/{category_id} (low, high, stock, sort, after): 200; 404 for no category."""
    text = str(request.path_params["category_id"])
    category_id = rules.read_category(text)
    if category_id is None:
        raise NotFound
    filters = _filters(request, sort="sold", sorts=LISTED_SORTS, category_id=category_id)
    after, path, locale = request.query_params.get("after"), f"/c/{category_id}", locale_of(request)
    tree = tree_of(request)
    async with web.read(request) as tx:
        goods = await queries.in_category(tx, locale, filters, after)
        if web.is_htmx(request) and after:
            return _more(request, path, goods)
        await tree.load(tx)
        found = await tree.find_page(tx, locale, category_id)
    if found is None:
        raise NotFound
    return web.page(
        request,
        "storefront/category.html",
        category=found.above[-1],
        above=found.above[:-1],
        below=found.below,
        goods=goods.items,
        next_url=_next(request, path, goods),
        filters=filters,
        sorts=_sorts(request, path, filters, LISTED_SORTS),
        asked=dict(request.query_params),
    )


@get("/s/{shop_id:str}")
async def get_shop(request: web.AnyRequest) -> Response[Any]:
    """GET /s/{shop_id} (q, sort, after): 200 a shop and its goods; 404 for none, or a closed one."""
    shop_id, locale = ShopId(web.path_id(request, "shop_id")), locale_of(request)
    asked, path = request.query_params, f"/s/{shop_id}"
    filters = _filters(request, sort="sold", sorts=LISTED_SORTS)
    words = queries.words_of(asked.get("q", ""))
    query = rules.tsquery(words)
    async with web.read(request) as tx:
        shop = await queries.find_shop(tx, locale, shop_id)
        if shop is None:
            raise NotFound
        goods = await queries.in_shop(tx, locale, shop_id, query, filters.sort, asked.get("after"))
    if web.is_htmx(request) and asked.get("after"):
        return _more(request, path, goods)
    return web.page(
        request,
        "storefront/shop.html",
        shop=shop,
        goods=goods.items,
        next_url=_next(request, path, goods),
        counted_max=COUNTED_MAX,
        filters=filters,
        sorts=_sorts(request, path, filters, LISTED_SORTS),
        asked=dict(asked),
    )


@get("/p/{product_id:str}")
async def get_product(request: web.AnyRequest) -> Response[Any]:
    """GET /p/{product_id} (sku): 200, also when it is no longer for sale; 404 for none."""
    product_id, locale = ProductId(web.path_id(request, "product_id")), locale_of(request)
    async with web.read(request) as tx:
        product = await queries.find_product(tx, locale, product_id)
        if product is None:
            raise NotFound
        more = await queries.more_of_shop(tx, locale, product)
    words, money = translator(locale).gettext, money_of(locale)
    chosen = rules.preselected(product.skus, parse_id(request.query_params.get("sku", "")))
    return web.page(
        request,
        "storefront/product.html",
        product=product,
        shop=product.shop,
        chosen=chosen,
        dims=picker.dims(product, chosen, words=words, money=money),
        sku_rows=picker.sku_rows(product, words=words, money=money),
        stock_note=picker.stock_note(chosen, words=words) if chosen else "",
        more=more,
    )


@get("/api/v1/products")
async def api_products(request: web.AnyRequest) -> Response[bytes]:
    """GET /api/v1/products (q, c, low, high, stock, sort, cursor): 200 {"items", "next_cursor"}.

    Newest first without q and c. 422 for a cursor that is none.
    """
    asked, locale = request.query_params, locale_of(request)
    words, cursor = queries.words_of(asked.get("q", "")), asked.get("cursor")
    sorts = FOUND_SORTS if words else LISTED_SORTS
    filters = _filters(request, sort="relevance" if words else "newest", sorts=sorts)
    async with web.read(request) as tx:
        if words:
            query = rules.tsquery(words) or ""
            found = await queries.search(tx, locale, query, filters, cursor)
        elif filters.category_id is not None:
            found = await queries.in_category(tx, locale, filters, cursor)
        else:
            found = await queries.newest(tx, locale, cursor)
    items = [queries.as_json(card) for card in found.items]
    return json({"items": items, "next_cursor": found.next_cursor})


@get("/api/v1/products/{product_id:str}")
async def api_product(request: web.AnyRequest) -> Response[bytes]:
    """GET /api/v1/products/{product_id}: 200 the product with its SKUs; 404."""
    product_id = ProductId(web.path_id(request, "product_id"))
    async with web.read(request) as tx:
        product = await queries.find_product(tx, locale_of(request), product_id)
    if product is None:
        raise NotFound
    return json(picker.product_json(product))


def tree_of(request: web.AnyRequest) -> CategoryTree:
    """The process's category tree."""
    state = request.app.state
    if not hasattr(state, "category_tree"):
        state.category_tree = CategoryTree()
    found: CategoryTree = state.category_tree
    return found


def money_of(locale: str) -> Callable[..., str]:
    """How amounts are written in a language."""
    found: Callable[..., str] = environment(locale).globals["money"]  # type: ignore[assignment]
    return found


async def _categories(request: web.AnyRequest) -> Response[Any]:
    tree, locale = tree_of(request), locale_of(request)
    async with web.read(request) as tx:
        await tree.load(tx)
    groups = tree.groups(locale)
    return web.page(request, "storefront/categories.html", groups=groups)


def _filters(
    request: web.AnyRequest, *, sort: str, sorts: Sequence[str], category_id: int | None = None
) -> Filters:
    return rules.read_filters(
        request.query_params,
        currency=web.settings(request).currency,
        sort=sort,
        sorts=sorts,
        category_id=category_id,
    )


async def _chosen(
    request: web.AnyRequest, filters: Filters, roots: Sequence[CategoryLink]
) -> CategoryLink | None:
    """The category a search is narrowed to, by name also when nothing was found in it."""
    if filters.category_id is None:
        return None
    known = next((root for root in roots if root.id == filters.category_id), None)
    if known is not None:
        return known
    async with web.read(request) as tx:
        found = await tree_of(request).find_page(tx, locale_of(request), filters.category_id)
    return found.above[-1] if found and found.above else None


def _sorts(
    request: web.AnyRequest, path: str, filters: Filters, sorts: Sequence[str]
) -> list[tuple[str, str, bool]]:
    """(words, address, is it chosen) of each order a list can be put in."""
    return [(SORTS[it], _url(request, path, sort=it), filters.sort == it) for it in sorts]


def _next(request: web.AnyRequest, path: str, goods: Page[Card], **more: str) -> str:
    return _url(request, path, after=goods.next_cursor, **more) if goods.next_cursor else ""


def _url(request: web.AnyRequest, path: str, **changed: str) -> str:
    """This list's address with parameters changed; a change begins at the first page again."""
    asked = {k: v for k, v in request.query_params.items() if k != "after"}
    return query_url(path, **{k: v for k, v in {**asked, **changed}.items() if v})


def _more(request: web.AnyRequest, path: str, goods: Page[Card]) -> Response[Any]:
    name, next_url = "storefront/more.html", _next(request, path, goods)
    return web.page(request, name, goods=goods.items, next_url=next_url, size=PAGE_SIZE)


routes = [
    get_home,
    get_search,
    get_category,
    get_shop,
    get_product,
    api_products,
    api_product,
]
