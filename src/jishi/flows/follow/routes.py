"""HTTP for hearts and follows. Reading the lists is in reads/follows."""

from datetime import timedelta
from typing import Any, Final

from litestar import Response, delete, post, put

from jishi import web
from jishi.flows.follow import flow
from jishi.kit.ids import AccountId, ProductId, ShopId
from jishi.modules import follows
from jishi.web.answer import json, redirect
from jishi.web.limits import Limit, spend
from jishi.web.pages import local_path

KEEPING: Final = Limit("follows.change", 600, timedelta(hours=1))
PRODUCT: Final = "/api/v1/me/favourites/{product_id:str}"
SHOP: Final = "/api/v1/me/followed-shops/{shop_id:str}"


@post("/p/{product_id:str}/favourite")
async def post_favourite(request: web.AnyRequest) -> Response[Any]:
    """POST /p/{product_id}/favourite (on: 1 or empty; next): 303 back; 404; 409 when full."""
    product_id = ProductId(web.path_id(request, "product_id"))
    form = await request.form()
    await _favour(request, product_id, is_on=form.get("on") == "1")
    return redirect(local_path(str(form.get("next") or f"/p/{product_id}")))


@post("/s/{shop_id:str}/follow")
async def post_follow(request: web.AnyRequest) -> Response[Any]:
    """POST /s/{shop_id}/follow (on: 1 or empty; next): 303 back; 404; 409 when full."""
    shop_id = ShopId(web.path_id(request, "shop_id"))
    form = await request.form()
    await _follow(request, shop_id, is_on=form.get("on") == "1")
    return redirect(local_path(str(form.get("next") or f"/s/{shop_id}")))


@put(PRODUCT)
async def api_add_favourite(request: web.AnyRequest) -> Response[bytes]:
    """PUT /api/v1/me/favourites/{product_id}: 200; 404; 409 when full."""
    product_id = ProductId(web.path_id(request, "product_id"))
    await _favour(request, product_id, is_on=True)
    return json({"product_id": str(product_id), "is_favourite": True})


@delete(PRODUCT, status_code=200)
async def api_remove_favourite(request: web.AnyRequest) -> Response[bytes]:
    """DELETE /api/v1/me/favourites/{product_id}: 200, also when it was none."""
    product_id = ProductId(web.path_id(request, "product_id"))
    await _favour(request, product_id, is_on=False)
    return json({"product_id": str(product_id), "is_favourite": False})


@put(SHOP)
async def api_follow(request: web.AnyRequest) -> Response[bytes]:
    """PUT /api/v1/me/followed-shops/{shop_id}: 200; 404; 409 when full."""
    shop_id = ShopId(web.path_id(request, "shop_id"))
    await _follow(request, shop_id, is_on=True)
    return json({"shop_id": str(shop_id), "is_followed": True})


@delete(SHOP, status_code=200)
async def api_unfollow(request: web.AnyRequest) -> Response[bytes]:
    """DELETE /api/v1/me/followed-shops/{shop_id}: 200, also when it was not followed."""
    shop_id = ShopId(web.path_id(request, "shop_id"))
    await _follow(request, shop_id, is_on=False)
    return json({"shop_id": str(shop_id), "is_followed": False})


async def _favour(request: web.AnyRequest, product_id: ProductId, *, is_on: bool) -> None:
    me, now = await _me(request), web.now(request)
    async with web.transaction(request) as tx:
        if is_on:
            await flow.favour(tx, me, product_id, web.ids(request), now=now)
        else:
            await follows.remove_favourite(tx, me, product_id, now=now)


async def _follow(request: web.AnyRequest, shop_id: ShopId, *, is_on: bool) -> None:
    me, now = await _me(request), web.now(request)
    async with web.transaction(request) as tx:
        if is_on:
            await flow.follow(tx, me, shop_id, web.ids(request), now=now)
        else:
            await follows.unfollow_shop(tx, me, shop_id, now=now)


async def _me(request: web.AnyRequest) -> AccountId:
    me = web.signed_in(request).account_id
    await spend(request, (KEEPING, str(me)))
    return me


routes = [
    post_favourite,
    post_follow,
    api_add_favourite,
    api_remove_favourite,
    api_follow,
    api_unfollow,
]
