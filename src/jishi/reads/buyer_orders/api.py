"""The JSON API for a buyer's orders. Ids are text, amounts minor units, instants UTC."""

from typing import Any

from litestar import Response, get

from jishi import web
from jishi.kit.errors import FieldInvalid, NotFound
from jishi.kit.ids import OrderId
from jishi.reads.buyer_orders import queries
from jishi.reads.buyer_orders.types import TABS, Line, Order, OrderCard
from jishi.web.answer import json
from jishi.web.pages import locale_of


@get("/api/v1/orders")
async def api_orders(request: web.AnyRequest) -> Response[bytes]:
    """GET /api/v1/orders (state, cursor): 200 {"items", "next_cursor"}; 422 naming the field."""
    buyer_id, cursor = web.signed_in(request).account_id, request.query_params.get("cursor")
    async with web.read(request) as tx:
        found = await queries.list_orders(tx, locale_of(request), buyer_id, tab_of(request), cursor)
    items = [_order(card) for card in found.items]
    return json({"items": items, "next_cursor": found.next_cursor})


@get("/api/v1/orders/{order_id:str}")
async def api_order(request: web.AnyRequest) -> Response[bytes]:
    """GET /api/v1/orders/{order_id}: 200 the order with all that belongs to it; 404."""
    return json(_whole_order(await own_order(request)))


async def own_order(request: web.AnyRequest) -> Order:
    """The order in the path. Raises NotFound, also when it is somebody else's."""
    order_id, buyer_id = (
        OrderId(web.path_id(request, "order_id")),
        web.signed_in(request).account_id,
    )
    async with web.read(request) as tx:
        found = await queries.find_order(tx, locale_of(request), buyer_id, order_id)
    if found is None:
        raise NotFound
    return found


def tab_of(request: web.AnyRequest) -> str:
    """The tab asked for as ``state``; one that does not exist is all orders on pages.

    Raises FieldInvalid for it below /api/.
    """
    asked = request.query_params.get("state", "")
    if asked in TABS:
        return asked
    if web.wants_json(request):
        raise FieldInvalid(field="state", detail=", ".join(filter(None, TABS)))
    return ""


def _order(card: OrderCard) -> dict[str, Any]:
    """An order as programs read it. Ids are text; amounts minor units; instants ISO 8601 in UTC."""
    return {
        "id": str(card.id),
        "state": card.state.code,
        "state_number": int(card.state),
        "shop": {"id": str(card.shop_id), "name": card.shop_name},
        "payment_id": str(card.payment_id),
        "amount_minor": card.amount_minor,
        "refunded_minor": card.refunded_minor,
        "pieces": card.pieces,
        "placed_at": card.placed_at,
        "expires_at": card.expires_at,
        "ship_by": card.ship_by,
        "confirm_by": card.confirm_by,
        "lines": [_line(line) for line in card.lines],
    }


def _whole_order(order: Order) -> dict[str, Any]:
    """The same with everything that belongs to it."""
    return {
        **_order(order.card),
        "goods_minor": order.goods_minor,
        "freight_minor": order.freight_minor,
        "rules": order.savings,
        "address": dict(order.address),
        "note": order.note,
        "paid_at": order.paid_at,
        "shipped_at": order.shipped_at,
        "closed_at": order.closed_at,
        "lines": [_line(line) for line in order.lines],
        "steps": [{"text": step.text, "at": step.at} for step in order.steps],
        "parcels": [
            {
                "carrier": parcel.carrier,
                "waybill": parcel.waybill,
                "shipped_at": parcel.shipped_at,
                "lines": [{"line": line, "quantity": pieces} for line, pieces in parcel.lines],
            }
            for parcel in order.parcels
        ],
        "refunds": [
            {
                "amount_minor": refund.amount_minor,
                "state": refund.state,
                "asked_at": refund.asked_at,
                "ended_at": refund.ended_at,
            }
            for refund in order.refunds
        ],
    }


def _line(line: Line) -> dict[str, Any]:
    return {
        "sku_id": str(line.sku_id),
        "product_id": str(line.product_id),
        "name": line.name,
        "options": line.spec,
        "quantity": line.qty,
        "price_minor": line.unit_minor,
        "amount_minor": line.amount_minor,
        "refunded_minor": line.refunded_minor,
        "shipped_quantity": line.shipped_quantity,
    }


routes = [api_orders, api_order]
