"""HTTP for a buyer's orders. Only the asker's own."""

from typing import Any, Final

from litestar import Response, get

from jishi import web
from jishi.kit.text import mark
from jishi.modules import aftersale
from jishi.modules.orders import OrderState
from jishi.modules.places import masked
from jishi.reads.buyer_orders import api, queries, rules
from jishi.reads.buyer_orders.api import own_order, tab_of
from jishi.reads.buyer_orders.types import TABS, Order
from jishi.web.pages import locale_of, query_url

AFTER_SALE: Final = mark("After-sale")


@get("/orders")
async def get_orders(request: web.AnyRequest) -> Response[Any]:
    """GET /orders (state, after): 200; to htmx with ``after`` only the next cards."""
    buyer_id, after = web.signed_in(request).account_id, request.query_params.get("after")
    tab = tab_of(request)
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
        tabs=tabs,
        has_any=bool(counts.get("")),
    )


@get("/orders/{order_id:str}")
async def get_order(request: web.AnyRequest) -> Response[Any]:
    """GET /orders/{order_id}: 200; 404 for an order of somebody else too."""
    order = await own_order(request)
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
    )


def _held(order: Order) -> int:
    """What Jishi holds of this order: paid, not refunded, receipt not confirmed."""
    held_states = (OrderState.TO_SHIP, OrderState.PART_SHIPPED, OrderState.SHIPPED)
    is_held = order.card.state in held_states
    return order.card.amount_minor - order.card.refunded_minor if is_held else 0


routes = [get_orders, get_order, *api.routes]
