"""HTTP for what a person keeps an eye on."""

from typing import Any

from litestar import Response, get

from jishi import web
from jishi.reads.follows import queries
from jishi.reads.follows.types import Favourite, FollowedShop
from jishi.reads.storefront.queries import as_json, image_url
from jishi.web.answer import json
from jishi.web.pages import locale_of, query_url


@get("/me/favourites")
async def get_favourites(request: web.AnyRequest) -> Response[Any]:
    """GET /me/favourites (after): 200, newest first, with what became of each price."""
    me, after = web.signed_in(request).account_id, request.query_params.get("after")
    async with web.read(request) as tx:
        found = await queries.list_favourites(tx, locale_of(request), me, after)
    next_url = query_url("/me/favourites", after=found.next_cursor) if found.next_cursor else ""
    return web.page(
        request,
        "follows/favourites.html",
        found=found.items,
        is_first=not after,
        next_url=next_url,
    )


@get("/me/shops")
async def get_shops(request: web.AnyRequest) -> Response[Any]:
    """GET /me/shops (tab: new or shops; after): 200 new goods of followed shops, or the shops."""
    me, after = web.signed_in(request).account_id, request.query_params.get("after")
    tab = "shops" if request.query_params.get("tab") == "shops" else "new"
    locale, now = locale_of(request), web.now(request)
    async with web.read(request) as tx:
        if tab == "shops":
            shops = await queries.list_shops(tx, locale, me, after, now=now)
            goods, cursor = None, shops.next_cursor
        else:
            goods = await queries.list_news(tx, locale, me, after)
            shops, cursor = None, goods.next_cursor
    next_url = query_url("/me/shops", tab=tab, after=cursor) if cursor else ""
    if web.is_htmx(request) and after and goods:
        items = goods.items
        return web.page(request, "storefront/more.html", goods=items, next_url=next_url)
    return web.page(
        request,
        "follows/shops.html",
        tab=tab,
        shops=shops.items if shops else [],
        goods=goods.items if goods else [],
        is_first=not after,
        next_url=next_url,
    )


@get("/api/v1/me/favourites")
async def api_favourites(request: web.AnyRequest) -> Response[bytes]:
    """GET /api/v1/me/favourites (cursor): 200 {"items", "next_cursor"}, newest first; 422."""
    me, cursor = web.signed_in(request).account_id, request.query_params.get("cursor")
    async with web.read(request) as tx:
        found = await queries.list_favourites(tx, locale_of(request), me, cursor)
    items = [_favourite(it) for it in found.items]
    return json({"items": items, "next_cursor": found.next_cursor})


@get("/api/v1/me/followed-shops")
async def api_shops(request: web.AnyRequest) -> Response[bytes]:
    """GET /api/v1/me/followed-shops (cursor): 200 {"items", "next_cursor"}, newest first; 422."""
    me, cursor = web.signed_in(request).account_id, request.query_params.get("cursor")
    async with web.read(request) as tx:
        found = await queries.list_shops(tx, locale_of(request), me, cursor, now=web.now(request))
    return json({"items": [_shop(it) for it in found.items], "next_cursor": found.next_cursor})


@get("/api/v1/me/followed-shops/products")
async def api_news(request: web.AnyRequest) -> Response[bytes]:
    """GET /api/v1/me/followed-shops/products (cursor): 200 goods of these shops, newest first; 422."""
    me, cursor = web.signed_in(request).account_id, request.query_params.get("cursor")
    async with web.read(request) as tx:
        found = await queries.list_news(tx, locale_of(request), me, cursor)
    return json({"items": [as_json(it) for it in found.items], "next_cursor": found.next_cursor})


def _favourite(it: Favourite) -> dict[str, Any]:
    return {
        "product_id": str(it.product_id),
        "name": it.name,
        "picture_url": image_url(it.image),
        "price_from_minor": it.price_minor,
        "price_then_minor": it.then_minor,
        "dropped_minor": it.dropped_minor,
        "is_for_sale": it.is_for_sale,
        "added_at": it.added_at.isoformat(),
    }


def _shop(it: FollowedShop) -> dict[str, Any]:
    return {
        "shop_id": str(it.shop_id),
        "name": it.name,
        "followers": it.followers,
        "rating_tenths": it.rating_tenths,
        "new_products": it.newest,
        "followed_at": it.followed_at.isoformat(),
    }


routes = [get_favourites, get_shops, api_favourites, api_shops, api_news]
