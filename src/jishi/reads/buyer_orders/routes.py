"""HTTP for a buyer's orders. Only the asker's own."""

from typing import Any, Final

from litestar import Response, get

from jishi import web
from jishi.kit.errors import NotFound
from jishi.kit.ids import OrderId
from jishi.kit.text import mark
from jishi.modules import aftersale
from jishi.modules.orders import OrderState
from jishi.modules.places import masked
from jishi.reads.buyer_orders import queries, rules
from jishi.reads.buyer_orders.types import TABS, Order
from jishi.web.answer import json
from jishi.web.pages import locale_of, query_url

AFTER_SALE: Final = mark("After-sale")


@get("/orders")
async def get_orders(request: web.AnyRequest) -> Response[Any]:
    """GET /orders (state, after): 200; to htmx with ``after`` only the next cards."""
    asked, buyer_id = request.query_params, web.signed_in(request).account_id
    tab, after = _tab(asked.get("state", "")), asked.get("after")
    is_more = web.is_htmx(request) and bool(after)
    async with web.read(request) as tx:
        found = await queries.list_orders(tx, locale_of(request), buyer_id, tab, after)
        counts = {} if is_more else await queries.counts(tx, buyer_id)
    tabs = [
        (text, query_url("/orders", state=key), counts.get(key) or None, key == tab)
        for key, (text, _) in TABS.items()
    ]
    tabs.append((AFTER_SALE, "/aftersale", None, False))
    next_url = query_url("/orders", state=tab, after=found.next_cursor) if found.next_cursor else ""
    return web.page(
        request,
        "buyer_orders/orders.html",
        block="cards" if is_more else None,
        orders=found.items,
        next_url=next_url,
        tab=tab,
        tabs=tabs,
        has_any=bool(counts.get("")),
    )


@get("/orders/{order_id:str}")
async def get_order(request: web.AnyRequest) -> Response[Any]:
    """GET /orders/{order_id}: 200; 404 for an order of somebody else too."""
    order = await _mine(request)
    card = order.card
    async with web.read(request) as tx:
        has_open_case = await aftersale.has_open_case(
            tx, card.id, web.signed_in(request).account_id
        )
    address = {**order.address, "phone": masked(dict(order.address))["phone"]}
    return web.page(
        request,
        "buyer_orders/order.html",
        order=order,
        card=card,
        has_open_case=has_open_case,
        address=address,
        headline=rules.HEADLINES.get(card.state, card.state.words),
        ahead=rules.ahead(card.state),
        labels=rules.LABELS,
        stage=rules.STAGES.get(card.state),
        held_minor=_held(order),
        S=OrderState,
    )


@get("/api/v1/orders")
async def api_orders(request: web.AnyRequest) -> Response[bytes]:
    """GET /api/v1/orders (state, cursor): 200 {"items", "next_cursor"}; 422 for no cursor."""
    asked, buyer_id = request.query_params, web.signed_in(request).account_id
    tab = _tab(asked.get("state", ""))
    async with web.read(request) as tx:
        found = await queries.list_orders(
            tx, locale_of(request), buyer_id, tab, asked.get("cursor")
        )
    items = [queries.order_json(card) for card in found.items]
    return json({"items": items, "next_cursor": found.next_cursor})


@get("/api/v1/orders/{order_id:str}")
async def api_order(request: web.AnyRequest) -> Response[bytes]:
    """GET /api/v1/orders/{order_id}: 200 the order with all that belongs to it; 404."""
    return json(queries.whole_order_json(await _mine(request)))


async def _mine(request: web.AnyRequest) -> Order:
    order_id, buyer_id = (
        OrderId(web.path_id(request, "order_id")),
        web.signed_in(request).account_id,
    )
    async with web.read(request) as tx:
        found = await queries.find_order(tx, locale_of(request), buyer_id, order_id)
    if found is None:
        raise NotFound
    return found


def _tab(asked: str) -> str:
    return asked if asked in TABS else ""


def _held(order: Order) -> int:
    """What Jishi holds of this order: paid, not refunded, receipt not confirmed."""
    held_states = (OrderState.TO_SHIP, OrderState.PART_SHIPPED, OrderState.SHIPPED)
    is_held = order.card.state in held_states
    return order.card.amount_minor - order.card.refunded_minor if is_held else 0


routes = [get_orders, get_order, api_orders, api_order]
