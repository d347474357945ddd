"""Pages of the operator's console about shops, orders and money at the providers."""

from typing import Any, Final

from litestar import Response, get

from jishi import web
from jishi.kit.ids import OrderId, ShopId, cell_of
from jishi.kit.paging import PAGE_SIZE
from jishi.modules import audit, ledger
from jishi.modules.orders import OrderState
from jishi.reads.merchant.order_page import one_order
from jishi.reads.operator import queries, routes_health, routes_ledger
from jishi.web.pages import locale_of

HOME: Final = "/operator"
Q_MAX: Final = 60
SHOP_STATES: Final = ("open", "holiday", "preparing", "suspended", "closed")
REFUND_STATES: Final = ("failed", "asked", "sent", "confirmed")
FEW: Final = 10


@get(HOME)
async def get_home(request: web.AnyRequest) -> Response[Any]:
    """GET /operator: what needs a person, and whether the money adds up; 200."""
    now = web.now(request)
    async with web.read(request) as tx:
        needs = await queries.needs(tx, now=now)
        listeners = await queries.lag(tx)
        kinds = await ledger.list_kinds(tx)
    held, owed, off = ledger.equation(kinds)
    oldest = min((row["oldest_at"] for row in listeners if row["oldest_at"]), default=None)
    return web.page(
        request,
        "operator/home.html",
        needs=needs,
        oldest=oldest,
        held_minor=sum(held.values()),
        owed_minor=sum(owed.values()),
        off_minor=off,
    )


@get(f"{HOME}/shops")
async def get_shops(request: web.AnyRequest) -> Response[Any]:
    """GET /operator/shops (q, state, after): a page of shops; 200."""
    q = request.query_params.get("q", "").strip()[:Q_MAX]
    state = request.query_params.get("state", "")
    async with web.read(request) as tx:
        shops = await queries.list_shops(
            tx,
            q=q,
            state=state if state in SHOP_STATES else None,
            cursor=request.query_params.get("after"),
            size=PAGE_SIZE,
            now=web.now(request),
        )
    chosen = state if state in SHOP_STATES else ""
    return web.page(request, "operator/shops.html", shops=shops, asked=q, state=chosen)


@get(HOME + "/shops/{shop_id:str}")
async def get_shop(request: web.AnyRequest) -> Response[Any]:
    """GET /operator/shops/{shop_id}: one shop; 200, 404."""
    shop_id = ShopId(web.path_id(request, "shop_id"))
    async with web.read(request) as tx:
        shop = await queries.get_shop(tx, shop_id, now=web.now(request))
        totals = await ledger.shop_totals(tx, shop_id)
        orders = await queries.shop_orders(tx, shop_id, limit=FEW)
    return web.page(
        request,
        "operator/shop.html",
        row=shop,
        cell=cell_of(shop_id),
        totals=totals,
        orders=orders,
        state_code=lambda state: OrderState(state).code,
    )


@get(f"{HOME}/orders")
async def get_orders(request: web.AnyRequest) -> Response[Any]:
    """GET /operator/orders (q): what a number leads to; without one the orders paid last; 200."""
    q = request.query_params.get("q", "").strip()[:Q_MAX]
    async with web.read(request) as tx:
        found = await queries.find_orders(tx, q) if q else []
        ids = [order_id for order_id, _ in found] if q else await queries.latest_paid(tx)
        rows = await queries.order_rows(tx, ids)
    return web.page(
        request,
        "operator/orders.html",
        rows=rows,
        asked=q,
        what=dict(found),
        state_code=lambda state: OrderState(state).code,
    )


@get(HOME + "/orders/{order_id:str}")
async def get_order(request: web.AnyRequest) -> Response[Any]:
    """GET /operator/orders/{order_id}: an order with its steps and transfers; 200, 404."""
    order_id = OrderId(web.path_id(request, "order_id"))
    async with web.read(request) as tx:
        row = await queries.get_order(tx, order_id)
        transfers = await ledger.list_transfers_of(tx, order_id)
    return web.page(
        request,
        "operator/order.html",
        order=one_order(row, role=None, locale=locale_of(request)),
        transfers=transfers,
        kind_words=ledger.kind_words,
    )


@get(HOME + "/payments/{payment_id:str}")
async def get_payment(request: web.AnyRequest) -> Response[Any]:
    """GET /operator/payments/{payment_id}: a payment, its callbacks, its parts; 200, 404."""
    async with web.read(request) as tx:
        payment = await queries.get_payment(tx, web.path_id(request, "payment_id"))
    return web.page(request, "operator/payment.html", payment=payment)


@get(f"{HOME}/callbacks")
async def get_callbacks(request: web.AnyRequest) -> Response[Any]:
    """GET /operator/callbacks (odd, after): what providers told; 200."""
    odd = request.query_params.get("odd") == "1"
    async with web.read(request) as tx:
        cursor = request.query_params.get("after")
        callbacks = await queries.list_callbacks(tx, odd=odd, cursor=cursor, size=PAGE_SIZE)
    return web.page(request, "operator/callbacks.html", callbacks=callbacks, odd=odd)


@get(f"{HOME}/refunds")
async def get_refunds(request: web.AnyRequest) -> Response[Any]:
    """GET /operator/refunds (state, after): refunds, newest first; 200."""
    state = request.query_params.get("state", "")
    state = state if state in REFUND_STATES else ""
    async with web.read(request) as tx:
        refunds = await queries.list_refunds(
            tx, state=state or None, cursor=request.query_params.get("after"), size=PAGE_SIZE
        )
    return web.page(
        request, "operator/refunds.html", refunds=refunds, state=state, states=REFUND_STATES
    )


@get(f"{HOME}/audit")
async def get_audit(request: web.AnyRequest) -> Response[Any]:
    """GET /operator/audit (after): what operators did by hand; 200."""
    async with web.read(request) as tx:
        cursor = request.query_params.get("after")
        lines = await audit.list_lines(tx, cursor=cursor, size=PAGE_SIZE)
        names = await queries.names_of(tx, [line.account_id for line in lines.items])
    return web.page(
        request, "operator/audit.html", lines=lines, names=names, actions=audit.ACTION_WORDS
    )


routes = [
    get_home,
    get_shops,
    get_shop,
    get_orders,
    get_order,
    get_payment,
    get_callbacks,
    get_refunds,
    get_audit,
    *routes_ledger.routes,
    *routes_health.routes,
]
