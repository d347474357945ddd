"""The JSON API for a shop's own programs: its orders and its funds."""

from typing import Any, Final

from litestar import Response, get

from jishi import web
from jishi.modules import ledger
from jishi.reads.merchant import queries
from jishi.reads.merchant.asked import role_of, shop_id_of, size_of, wanted_of
from jishi.reads.merchant.types import Line, OrderRow
from jishi.web.answer import json

SHOP: Final = "/api/v1/shops/{shop_id:str}"


@get(f"{SHOP}/orders")
async def get_orders(request: web.AnyRequest) -> Response[Any]:
    """GET /api/v1/shops/{shop_id}/orders (state, q, from, to, late, cursor, limit).

    200 ``{"items": […], "next_cursor": …}``; 422 for a filter that is not valid. What waits to be
    shipped comes by deadline, all else newest first. Receivers are in full for roles that pack.
    """
    wanted, size = wanted_of(request), size_of(request)
    async with web.read(request) as tx:
        cursor = request.query_params.get("cursor")
        found = await queries.list_orders(tx, wanted, cursor=cursor, size=size)
        rows = await queries.order_rows(tx, wanted.shop_id, found.ids, role=role_of(request))
    return json({"items": [_order(row) for row in rows], "next_cursor": found.next_cursor})


@get(f"{SHOP}/funds")
async def get_funds(request: web.AnyRequest) -> Response[Any]:
    """GET /api/v1/shops/{shop_id}/funds: what is held and what is owed to the shop; 200."""
    async with web.read(request) as tx:
        totals = await ledger.shop_totals(tx, shop_id_of(request))
        at = await queries.payout_standing(tx, shop_id_of(request), now=web.now(request))
    return json(
        {
            "currency": web.settings(request).currency,
            "escrow_minor": totals.escrow_minor,
            "payable_minor": totals.payable_minor,
            "escrow_in_minor": totals.escrow_in_minor,
            "escrow_out_minor": totals.escrow_out_minor,
            "payable_in_minor": totals.payable_in_minor,
            "withdrawable_minor": at.withdrawable_minor,
            "in_cycle_minor": at.in_cycle_minor,
            "owed_minor": at.owed_minor,
        }
    )


def _order(row: OrderRow) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "state": row.state.code,
        "state_number": int(row.state),
        "amount_minor": row.amount_minor,
        "freight_minor": row.freight_minor,
        "refunded_minor": row.refunded_minor,
        "note": row.note,
        "channel": row.channel,
        "placed_at": row.placed_at,
        "paid_at": row.paid_at,
        "ship_by": row.ship_by,
        "shipped_at": row.shipped_at,
        "confirm_by": row.confirm_by,
        "closed_at": row.closed_at,
        "receiver": row.receiver,
        "lines": [_line(line) for line in row.lines],
        "parcel": row.parcel,
    }


def _line(line: Line) -> dict[str, Any]:
    return {
        "line": line.line,
        "sku_id": str(line.sku_id),
        "title": line.title,
        "options": line.spec,
        "quantity": line.quantity,
        "shipped_quantity": line.shipped_quantity,
        "cancelled_quantity": line.cancelled_quantity,
        "price_minor": line.price_minor,
        "amount_minor": line.amount_minor,
    }


routes = [get_orders, get_funds]
