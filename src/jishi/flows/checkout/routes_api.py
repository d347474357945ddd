"""The cart for programs. JSON; ids are text, amounts minor units."""

from typing import Any

import msgspec
from litestar import Response, delete, get, post, put

from jishi import web
from jishi.flows.checkout.routes_cart import put_in, quote_cart, sellable
from jishi.flows.checkout.types import Quote, QuotedLine
from jishi.kit.ids import SkuId
from jishi.modules import carts
from jishi.modules.carts import CartOwner, LineNotFound
from jishi.web.answer import json


class LineBody(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Some pieces of a SKU; as text or number."""

    sku_id: web.Id
    quantity: int | str = 1


class QuantityBody(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    quantity: int | str
    is_chosen: bool = True


@get("/api/v1/cart")
async def api_cart(request: web.AnyRequest) -> Response[bytes]:
    """GET /api/v1/cart: 200 every line as it stands now, and what the chosen ones come to."""
    return json(await _cart(request))


@post("/api/v1/cart/lines")
async def api_add(request: web.AnyRequest) -> Response[bytes]:
    """POST /api/v1/cart/lines {sku_id, quantity}: 201 the cart; 409 gone, short, full; 422 quantity."""
    body = await web.read_json(request, LineBody)
    quantity = carts.quantity_of(body.quantity)
    async with web.transaction(request) as tx:
        goods = await sellable(tx, request, SkuId(body.sku_id), quantity)
        await put_in(tx, request, goods, quantity)
    return json(await _cart(request), status=201)


@put("/api/v1/cart/lines/{sku_id:str}")
async def api_change(request: web.AnyRequest) -> Response[bytes]:
    """PUT /api/v1/cart/lines/{sku_id} {quantity, is_chosen}: 200 the cart; 404; 422 quantity."""
    body, sku_id = await web.read_json(request, QuantityBody), _sku(request)
    quantity, owner = carts.quantity_of(body.quantity), _owner(request)
    async with web.transaction(request) as tx:
        if all(line.sku_id != sku_id for line in await carts.list_lines(tx, owner)):
            raise LineNotFound(sku_id=sku_id)
        changed = [(sku_id, quantity, body.is_chosen)]
        await carts.save_lines(tx, owner, changed, now=web.now(request))
    return json(await _cart(request))


@delete("/api/v1/cart/lines/{sku_id:str}", status_code=204)
async def api_remove(request: web.AnyRequest) -> None:
    """DELETE /api/v1/cart/lines/{sku_id}: 204; 404, also the second time."""
    async with web.transaction(request) as tx:
        if not await carts.remove_lines(tx, _owner(request), [_sku(request)]):
            raise LineNotFound(sku_id=_sku(request))


async def _cart(request: web.AnyRequest) -> dict[str, Any]:
    async with web.read(request) as tx:
        lines = await carts.list_lines(tx, _owner(request))
        whole, chosen = await quote_cart(tx, request, lines)
    ticked = {line.sku_id for line in lines if line.is_chosen}
    stands = {line.wanted.sku_id: line for line in [*whole.lines, *whole.out]}
    shown = [_line(stands[each.sku_id], is_chosen=each.sku_id in ticked) for each in lines]
    return {"lines": shown, **_sums(chosen)}


def _line(line: QuotedLine, *, is_chosen: bool) -> dict[str, Any]:
    goods = line.goods
    return {
        "sku_id": str(line.wanted.sku_id),
        "quantity": line.wanted.quantity,
        "seen_minor": line.wanted.seen_minor,
        "is_chosen": is_chosen,
        "change": str(line.change) or None,
        "buyable_quantity": line.quantity,
        "price_minor": goods.price_minor if goods else None,
        "left": goods.left if goods else 0,
        "name": goods.name if goods else "",
        "options": goods.spec if goods else "",
        "product_id": str(goods.product_id) if goods else None,
        "shop_id": str(goods.shop_id) if goods else None,
    }


def _sums(chosen: Quote) -> dict[str, Any]:
    shops = [
        {
            "shop_id": str(shop.shop_id),
            "goods_minor": shop.goods_minor,
            "freight_minor": shop.freight_minor,
        }
        for shop in chosen.shops
    ]
    return {"shops": shops, "total_minor": chosen.total_minor}


def _owner(request: web.AnyRequest) -> CartOwner:
    return CartOwner(web.signed_in(request).account_id, is_visitor=False)


def _sku(request: web.AnyRequest) -> SkuId:
    return SkuId(web.path_id(request, "sku_id"))


routes = [api_cart, api_add, api_change, api_remove]
