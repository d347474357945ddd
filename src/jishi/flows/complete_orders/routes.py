"""HTTP for confirming receipt."""

from typing import Any

from litestar import Response, post

from jishi import web
from jishi.flows.complete_orders.types import Completion
from jishi.kit.ids import OrderId
from jishi.web import answer


@post("/api/v1/orders/{order_id:str}/confirm", status_code=200)
async def post_confirm(request: web.AnyRequest) -> Response[Any]:
    """POST /api/v1/orders/{order_id}/confirm: 200 completed, also when it was before; 404; 409."""
    me = web.signed_in(request)
    order_id = OrderId(web.path_id(request, "order_id"))
    verdict = await web.service(request, "complete_orders")(
        Completion(order_id=order_id, buyer_id=me.account_id, at=web.now(request))
    )
    return answer.json({"order_id": str(order_id), "result": str(verdict)})


routes = [post_confirm]
