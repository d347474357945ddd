"""HTTP for refunding orders of which nothing has left."""

from typing import Any

from litestar import Response, post

from jishi import web
from jishi.flows.refund_orders.types import RefundAsked
from jishi.kit.ids import OrderId, ShopId
from jishi.web import answer


@post("/api/v1/orders/{order_id:str}/refund", status_code=200)
async def post_refund(request: web.AnyRequest) -> Response[Any]:
    """POST /api/v1/orders/{order_id}/refund: 200; 404 not mine; 409 unpaid or already on its way."""
    me = web.signed_in(request)
    order_id = OrderId(web.path_id(request, "order_id"))
    await web.service(request, "refund_orders")(
        RefundAsked(
            order_id=order_id,
            actor="buyer",
            at=web.now(request),
            why="buyer_refunded",
            buyer_id=me.account_id,
            actor_id=me.account_id,
        )
    )
    return answer.json({"order_id": str(order_id), "result": "refunded"})


@post("/api/v1/shops/{shop_id:str}/orders/{order_id:str}/refund", status_code=200)
async def post_shop_refund(request: web.AnyRequest) -> Response[Any]:
    """POST /api/v1/shops/{shop_id}/orders/{order_id}/refund: as the buyer's, for the shop's staff."""
    me = web.signed_in(request)
    order_id = OrderId(web.path_id(request, "order_id"))
    await web.service(request, "refund_orders")(
        RefundAsked(
            order_id=order_id,
            actor="shop",
            at=web.now(request),
            why="shop_refunded",
            shop_id=ShopId(web.path_id(request, "shop_id")),
            actor_id=me.account_id,
        )
    )
    return answer.json({"order_id": str(order_id), "result": "refunded"})


routes = [post_refund, post_shop_refund]
