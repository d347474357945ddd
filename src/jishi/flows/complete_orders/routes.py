"""HTTP for confirming receipt."""

from typing import Any

import msgspec
from litestar import Response, post

from jishi import web
from jishi.flows.complete_orders.types import CaseRuns, Completion
from jishi.kit.ids import OrderId
from jishi.modules import aftersale
from jishi.web import answer


@post("/api/v1/orders/{order_id:str}/confirm", status_code=200)
async def post_confirm(request: web.AnyRequest) -> Response[Any]:
    """POST /api/v1/orders/{order_id}/confirm: 200 completed, also when it was before; 404; 409, also while an
    after-sale case runs and the body does not say {"sure": true}."""
    me = web.signed_in(request)
    order_id = OrderId(web.path_id(request, "order_id"))
    if not await _is_sure(request):
        async with web.read(request) as tx:
            if await aftersale.has_open_case(tx, order_id, me.account_id):
                raise CaseRuns(order_id=order_id)
    verdict = await web.service(request, "complete_orders")(
        Completion(order_id=order_id, buyer_id=me.account_id, at=web.now(request))
    )
    return answer.json({"order_id": str(order_id), "result": str(verdict)})


class SureBody(msgspec.Struct, kw_only=True):
    sure: bool = False


async def _is_sure(request: web.AnyRequest) -> bool:
    return bool(await request.body()) and (await web.read_json(request, SureBody)).sure


routes = [post_confirm]
