"""HTTP for shipping in bulk."""

from typing import Annotated, Any, Final

import msgspec
from litestar import Response, post

from jishi import web
from jishi.flows.ship_orders.rules import SHIPMENTS_MAX
from jishi.flows.ship_orders.types import LineShipped, Shipment
from jishi.kit.errors import Refusal
from jishi.kit.ids import ID_MAX, OrderId, ShopId
from jishi.modules.fulfilment import clean_waybill, find_carrier
from jishi.web import answer

Id = Annotated[int, msgspec.Meta(gt=0, le=ID_MAX)]
LINES_MAX: Final = 100


class LineBody(msgspec.Struct, forbid_unknown_fields=True):
    line: int
    quantity: int


class ShipmentBody(msgspec.Struct, forbid_unknown_fields=True):
    """``lines`` left out: everything that has not left yet."""

    order_id: Id
    carrier: Annotated[str, msgspec.Meta(max_length=40)]
    waybill: Annotated[str, msgspec.Meta(max_length=80)]
    lines: Annotated[list[LineBody], msgspec.Meta(max_length=LINES_MAX)] = []


class ShipmentsBody(msgspec.Struct, forbid_unknown_fields=True):
    shipments: Annotated[list[ShipmentBody], msgspec.Meta(min_length=1, max_length=SHIPMENTS_MAX)]


@post("/api/v1/shops/{shop_id:str}/shipments", status_code=200)
async def post_shipments(request: web.AnyRequest) -> Response[Any]:
    """POST /api/v1/shops/{shop_id}/shipments: ship up to 500 orders, each with a parcel of its own.

    A carrier may be named as people name it; one that is in no list is kept as it stands, not followed.
    200 with a result per shipment in order: ``shipped``, ``part_shipped``, or a refusal's code.
    """
    me = web.signed_in(request)
    body = await web.read_json(request, ShipmentsBody)
    shop = ShopId(web.path_id(request, "shop_id"))
    shipments = [
        Shipment(
            order_id=OrderId(each.order_id),
            shop_id=shop,
            carrier=carrier.code if (carrier := find_carrier(each.carrier)) else each.carrier,
            waybill=clean_waybill(each.waybill),
            actor_id=me.account_id,
            at=web.now(request),
            lines=[LineShipped(line=part.line, quantity=part.quantity) for part in each.lines],
        )
        for each in body.shipments
    ]
    results = await web.service(request, "ship_orders")(shipments)
    shown = [
        {"order_id": str(each.order_id), **_shown(request, result)}
        for each, result in zip(shipments, results, strict=True)
    ]
    return answer.json({"results": shown})


def _shown(request: web.AnyRequest, result: Any) -> dict[str, Any]:
    if isinstance(result, Refusal):
        return {
            "ok": False,
            "code": result.code,
            "field": result.field,
            "detail": web.words(request, result),
        }
    return {"ok": True, "code": str(result)}


routes = [post_shipments]
