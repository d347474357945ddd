"""HTTP for the storefront. Everyone may look; nothing is written."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from litestar import Response, get

from jishi import web
from jishi.db import Tx
from jishi.kit.errors import NotFound
from jishi.kit.ids import ProductId, ShopId, SkuId, parse_id
from jishi.kit.paging import PAGE_SIZE, Page
from jishi.modules import search
from jishi.modules.pricing import KINDS, coupon_text
from jishi.reads.follows.beside import beside_product, beside_shop
from jishi.reads.storefront import addresses, picker, queries, rules
from jishi.reads.storefront.drawing import drawn
from jishi.reads.storefront.narrowing import (
    fewer_words,
    finder_of,
    is_open,
    is_panel,
    leveled,
    money_of,
    narrowed,
    panel_page,
    placed,
    recorder_of,
    tree_of,
    understanding_of,
    visitor_of,
)
from jishi.reads.storefront.types import COUNTED_MAX, SORTS, Card, Facets, Filters, Found, Product
from jishi.web.answer import json
from jishi.web.i18n import translator
from jishi.web.pages import locale_of

FOUND_SORTS: Final = ("relevance", "sold", "newest", "price", "price_down", "near")
LISTED_SORTS: Final = ("sold", "newest", "price", "price_down", "near")
SHOP_SORTS: Final = ("sold", "newest", "price", "price_down")


@get("/")
async def get_home(request: web.AnyRequest) -> Response[Any]:
    """GET / (after): 200; what sold most and what is newest; to htmx only the next goods."""
    after = request.query_params.get("after")
    locale, tree = locale_of(request), tree_of(request)
    async with web.read(request) as tx:
        goods = await queries.newest(tx, locale, after)
        if web.is_htmx(request) and after:
            return _more(request, "/", goods)
        await tree.load(tx, web.pool(request))
        most_sold = [] if after else await queries.most_sold(tx, locale)
    return web.page(
        request,
        "storefront/home.html",
        shortcuts=tree.shortcuts(locale),
        most_sold=drawn(locale, most_sold),
        goods=drawn(locale, goods.items),
        next_url=_next(request, "/", goods),
        is_first=not after,
    )


@get("/search")
async def get_search(request: web.AnyRequest) -> Response[Any]:
    """GET /search (q, c, low, high, stock, free, offer, rating, brand, a, near, sort, panel, after): 200.

    Without a word in q all categories. ``panel=1`` opens the filters; to htmx it is only those.
    """
    q, after = request.query_params.get("q", ""), request.query_params.get("after")
    locale, me = locale_of(request), web.identity(request)
    async with web.read(request) as tx:
        asked = await understanding_of(request).of(tx, q)
        if asked is None:
            return await _categories(request, tx, q)
        filters = await placed(tx, request, _filters(request, sort="relevance", sorts=FOUND_SORTS))
        filters = await leveled(tx, request, filters)
        if is_panel(request):
            return await panel_page(request, tx, "/search", asked, filters)
        found, facets = await _found(request, tx, asked, filters)
        if web.is_htmx(request) and after:
            return _more(request, "/search", found)
        fewer = None if found.items else await fewer_words(tx, request, asked, filters)
        popular = [] if found.items else await search.popular(tx, now=web.now(request))
        parts = await narrowed(request, tx, "/search", filters, facets)
    if not after:
        recorder_of(request).hear(
            asked.text,
            visitor=visitor_of(request),
            account_id=me.account_id if me else None,
            has_found=bool(found.items) and not asked.corrected,
            now=web.now(request),
        )
    return web.page(
        request,
        "storefront/search.html",
        asked=asked,
        found=found,
        goods=drawn(locale, found.items),
        next_url=_next(request, "/search", found),
        fewer=drawn(locale, fewer.items) if fewer else [],
        popular=popular,
        sorts=_sorts(request, "/search", filters, FOUND_SORTS),
        **parts,
    )


@get("/c/{category_id:str}")
async def get_category(request: web.AnyRequest) -> Response[Any]:
    """GET /c/{category_id} (as /search without q): 200; 404 for no category."""
    text = str(request.path_params["category_id"])
    category_id = rules.read_category(text)
    if category_id is None:
        raise NotFound
    filters = _filters(request, sort="sold", sorts=LISTED_SORTS, category_id=category_id)
    after, path, locale = request.query_params.get("after"), f"/c/{category_id}", locale_of(request)
    tree = tree_of(request)
    async with web.read(request) as tx:
        filters = await placed(tx, request, filters)
        await tree.load(tx, web.pool(request))
        place = await tree.find_page(tx, locale, category_id)
        if place is None:
            raise NotFound
        leaves = tree.leaves(category_id)
        filters = replace(filters, category_level=len(place.above), leaves=leaves)
        if is_panel(request):
            return await panel_page(request, tx, path, None, filters)
        found, facets = await _found(request, tx, None, filters)
        if web.is_htmx(request) and after:
            return _more(request, path, found)
        parts = await narrowed(request, tx, path, filters, facets)
    return web.page(
        request,
        "storefront/category.html",
        category=place.above[-1],
        above=place.above[:-1],
        below=place.below,
        goods=drawn(locale, found.items),
        next_url=_next(request, path, found),
        sorts=_sorts(request, path, filters, LISTED_SORTS),
        **parts,
    )


@get("/s/{shop_id:str}")
async def get_shop(request: web.AnyRequest) -> Response[Any]:
    """GET /s/{shop_id} (q, sort, after): 200 a shop and its goods; 404 for none, or a closed one."""
    shop_id, locale = ShopId(web.path_id(request, "shop_id")), locale_of(request)
    asked, path = request.query_params, f"/s/{shop_id}"
    filters = _filters(request, sort="sold", sorts=SHOP_SORTS)
    async with web.read(request) as tx:
        shop = await queries.find_shop(tx, locale, shop_id)
        if shop is None:
            raise NotFound
        wanted = await understanding_of(request).of(tx, asked.get("q", ""))
        query = search.plan_of(wanted, search.Narrowing()).whole if wanted else None
        goods = await queries.in_shop(tx, locale, shop_id, query, filters.sort, asked.get("after"))
        beside = await beside_shop(tx, request, shop_id)
        offers = await _offers(tx, request, shop_id, [])
    if web.is_htmx(request) and asked.get("after"):
        return _more(request, path, goods, in_shop=True)
    return web.page(
        request,
        "storefront/shop.html",
        shop=shop,
        goods=drawn(locale, goods.items, in_shop=True),
        next_url=_next(request, path, goods),
        counted_max=COUNTED_MAX,
        filters=filters,
        sorts=_sorts(request, path, filters, SHOP_SORTS),
        asked=dict(asked),
        offers=offers,
        coupon_text=coupon_text,
        words=translator(locale),
        **beside,
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
        beside = await beside_product(tx, request, product_id, product.shop.id)
        offers = await _offers(tx, request, product.shop.id, [sku.id for sku in product.skus])
    product = priced(product, offers.tags if offers else {})
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
        more=drawn(locale, more, in_shop=True),
        offers=offers,
        tag_now=offers.tags.get(chosen.id) if offers and chosen else None,
        coupon_text=coupon_text,
        offer_kinds=KINDS,
        words=translator(locale),
        **beside,
    )


async def _offers(tx: Tx, request: web.AnyRequest, shop_id: ShopId, skus: Sequence[SkuId]) -> Any:
    """What the quote says of SKUs' prices; None where this part of the market is not there."""
    ask = getattr(request.app.state, "product_offers", None)
    if ask is None:
        return None
    identity = web.identity(request)
    me = identity.account_id if identity else None
    return await ask(tx, skus, shop_id, me, now=web.now(request))


def priced(product: Product, tags: Mapping[SkuId, Any]) -> Product:
    """The product at the prices of now; the list price is then the earlier one."""
    if not tags:
        return product
    skus = [
        replace(sku, price_minor=tag.price_minor, list_price_minor=tag.list_minor)
        if (tag := tags.get(sku.id))
        else sku
        for sku in product.skus
    ]
    prices = [sku.price_minor for sku in skus] or [product.price_from_minor]
    return replace(product, skus=skus, price_from_minor=min(prices), price_to_minor=max(prices))


@get("/api/v1/products")
async def api_products(request: web.AnyRequest) -> Response[bytes]:
    """GET /api/v1/products (as /search, cursor, facets=1): 200 {"items", "next_cursor"}, with facets=1
    and without cursor also "facets", and "corrected" when words were taken for others.

    Newest first without q and c. 422 for a cursor that is none.
    """
    asked, locale = request.query_params, locale_of(request)
    cursor, told = asked.get("cursor"), dict[str, Any]()
    async with web.read(request) as tx:
        wanted = await understanding_of(request).of(tx, asked.get("q", ""))
        sorts = FOUND_SORTS if wanted else LISTED_SORTS
        filters = _filters(request, sort="relevance" if wanted else "newest", sorts=sorts)
        filters = await leveled(tx, request, await placed(tx, request, filters))
        found: Page[Card] | Found
        if wanted is None and not filters.is_asking:
            found = await queries.newest(tx, locale, cursor)
        elif asked.get("facets") == "1" and not cursor:
            found, told["facets"] = await finder_of(request).find_counted(
                tx, locale, wanted, filters
            )
        else:
            found = await finder_of(request).find(tx, locale, wanted, filters, cursor)
    items = [queries.as_json(card) for card in found.items]
    if wanted is not None and wanted.corrected:
        told["corrected"] = wanted.corrected
    return json({"items": items, "next_cursor": found.next_cursor, **told})


@get("/api/v1/products/{product_id:str}")
async def api_product(request: web.AnyRequest) -> Response[bytes]:
    """GET /api/v1/products/{product_id}: 200 the product with its SKUs; 404."""
    product_id = ProductId(web.path_id(request, "product_id"))
    async with web.read(request) as tx:
        product = await queries.find_product(tx, locale_of(request), product_id)
        if product is None:
            raise NotFound
        offers = await _offers(tx, request, product.shop.id, [sku.id for sku in product.skus])
    tags = offers.tags if offers else {}
    told = [
        {
            "sku_id": str(sku_id),
            "kind": tag.kind,
            "title": tag.title,
            "price_minor": tag.price_minor,
            "left": tag.left,
            "ends_at": tag.ends_at,
        }
        for sku_id, tag in tags.items()
    ]
    return json({**picker.product_json(product), "offers": told})


async def _categories(request: web.AnyRequest, tx: Tx, q: str) -> Response[Any]:
    """All categories; above them what people, and this person, search for."""
    now, me = web.now(request), web.identity(request)
    await tree_of(request).load(tx, web.pool(request))
    popular = await search.popular(tx, now=now)
    recent = await search.recent(tx, me.account_id) if me else []
    return web.page(
        request,
        "storefront/categories.html",
        groups=tree_of(request).groups(locale_of(request)),
        popular=popular,
        recent=recent,
        is_unread=bool(q.strip()),
    )


async def _found(
    request: web.AnyRequest, tx: Tx, asked: search.Asked | None, filters: Filters
) -> tuple[Found, Facets | None]:
    """A page of goods, and what it can be narrowed by where that stands open."""
    locale, after = locale_of(request), request.query_params.get("after")
    if is_open(request, filters):
        return await finder_of(request).find_counted(tx, locale, asked, filters)
    return await finder_of(request).find(tx, locale, asked, filters, after), None


def _filters(
    request: web.AnyRequest, *, sort: str, sorts: Sequence[str], category_id: int | None = None
) -> Filters:
    return rules.read_filters(
        request.query_params.dict(),
        currency=web.settings(request).currency,
        sort=sort,
        sorts=sorts,
        category_id=category_id,
    )


def _sorts(
    request: web.AnyRequest, path: str, filters: Filters, sorts: Sequence[str]
) -> list[tuple[str, str, bool]]:
    """(words, address, is it chosen) of each order a list can be put in."""
    return [(SORTS[it], _url(request, path, sort=it), filters.sort == it) for it in sorts]


def _next(request: web.AnyRequest, path: str, goods: Page[Card] | Found, **more: str) -> str:
    return _url(request, path, after=goods.next_cursor, **more) if goods.next_cursor else ""


def _url(request: web.AnyRequest, path: str, **changed: str) -> str:
    """This list's address with parameters changed; a change begins at the first page again."""
    pairs = addresses.known(list(request.query_params.multi_items()))
    kept = [it for it in pairs if it[0] not in changed]
    return addresses.address(path, [*kept, *changed.items()])


def _more(
    request: web.AnyRequest, path: str, goods: Page[Card] | Found, *, in_shop: bool = False
) -> Response[Any]:
    return web.page(
        request,
        "storefront/more.html",
        goods=drawn(locale_of(request), goods.items, in_shop=in_shop),
        next_url=_next(request, path, goods),
        size=PAGE_SIZE,
    )


routes = [
    get_home,
    get_search,
    get_category,
    get_shop,
    get_product,
    api_products,
    api_product,
]
