"""HTTP for cancelling unpaid orders."""

from typing import Any

from litestar import Response, post

from jishi import web
from jishi.flows.cancel_orders.types import Cancellation
from jishi.kit.ids import OrderId, ShopId
from jishi.web import answer


@post("/api/v1/orders/{order_id:str}/cancel", status_code=200)
async def post_cancel(request: web.AnyRequest) -> Response[Any]:
    """POST /api/v1/orders/{order_id}/cancel: 200; 404 not mine; 409 no longer unpaid."""
    me = web.signed_in(request)
    order_id = OrderId(web.path_id(request, "order_id"))
    await web.service(request, "cancel_orders")(
        Cancellation(
            order_id=order_id,
            actor="buyer",
            at=web.now(request),
            why="buyer_cancelled",
            buyer_id=me.account_id,
            actor_id=me.account_id,
        )
    )
    return answer.json({"order_id": str(order_id), "result": "cancelled"})


@post("/api/v1/shops/{shop_id:str}/orders/{order_id:str}/cancel", status_code=200)
async def post_shop_cancel(request: web.AnyRequest) -> Response[Any]:
    """POST /api/v1/shops/{shop_id}/orders/{order_id}/cancel: as the buyer's, for the shop's staff."""
    me = web.signed_in(request)
    order_id = OrderId(web.path_id(request, "order_id"))
    await web.service(request, "cancel_orders")(
        Cancellation(
            order_id=order_id,
            actor="shop",
            at=web.now(request),
            why="shop_cancelled",
            shop_id=ShopId(web.path_id(request, "shop_id")),
            actor_id=me.account_id,
        )
    )
    return answer.json({"order_id": str(order_id), "result": "cancelled"})


routes = [post_cancel, post_shop_cancel]
