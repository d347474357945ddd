"""Forms of the merchant's orders: ship one, many, a part; upload waybills; refund; cancel."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from litestar import Response, get, post

from jishi import web
from jishi.flows.cancel_orders import Cancellation
from jishi.flows.dispatch import (
    forms,
    routes_labels,
    routes_parcels,
    routes_pick,
    rules,
    storage,
    waybills,
)
from jishi.flows.dispatch.types import (
    MANY_MAX,
    WHYS,
    Entry,
    NothingChosen,
    NoWaybill,
    OrderToShip,
    ParcelTwice,
    ReasonMissing,
)
from jishi.flows.refund_orders import RefundAsked
from jishi.flows.ship_orders import Shipment, ShipVerdict
from jishi.kit.errors import NotFound, Refusal, Refusals
from jishi.kit.ids import OrderId, ShopId
from jishi.kit.text import mark as _
from jishi.modules.fulfilment import common_carriers
from jishi.modules.media import picture_src
from jishi.web.answer import redirect
from jishi.web.flash import flash
from jishi.web.i18n import translator
from jishi.web.pages import locale_of

ORDERS: Final = "/merchant/{shop_id:str}/orders"
ONE: Final = ORDERS + "/{order_id:str}"
PICTURE: Final = 160  # pixels
SHIPPED_ONE = _("Shipped. The buyer is told the waybill number.")
SHIPPED_PART = _("A part is shipped. The rest stays on the list.")
REFUNDED = _("Refunded. The money is on its way back to the buyer.")
CANCELLED = _("Cancelled. Its stock is free again.")


@get(f"{ORDERS}/ship")
async def get_ship(request: web.AnyRequest) -> Response[Any]:
    """GET /merchant/{shop_id}/orders/ship (order_id, repeated): the shipping form; 200, 404, 413."""
    shop_id = forms.shop_of(request)
    ids = forms.ids_of(request.query_params.getall("order_id", []), most=MANY_MAX)
    if not ids:
        raise NothingChosen
    async with web.read(request) as tx:
        orders = await storage.orders_to_ship(tx, shop_id, ids)
        carrier = await storage.last_carrier(tx, shop_id)
    if not orders:
        raise NotFound
    entries = {order.id: Entry(order_id=order.id, carrier=carrier, waybill="") for order in orders}
    return _form(request, shop_id, orders, entries)


@post(f"{ORDERS}/ship")
async def post_ship(request: web.AnyRequest) -> Response[Any]:
    """POST /merchant/{shop_id}/orders/ship (order_id, carrier, waybill, each per row; carrier_all).

    303 to the list when every filled row was shipped; 422 the form with the rows that were not, each
    with its reason. Rows without a waybill stay as they are.
    """
    shop_id = forms.shop_of(request)
    entries = await forms.read_entries(request)
    if not entries:
        raise NothingChosen
    filled = [entry for entry in entries if entry.waybill]
    problems = await _ship_all(request, shop_id, filled)
    shipped = len(filled) - len(problems)
    if filled and not problems:
        words = translator(locale_of(request))
        text = words.ngettext("{n} order is shipped.", "{n} orders are shipped.", shipped)
        return flash(redirect(f"/merchant/{shop_id}/orders?state=to_ship"), "ok", text)
    left = {
        each.order_id: each for each in entries if not each.waybill or each.order_id in problems
    }
    async with web.read(request) as tx:
        orders = await storage.orders_to_ship(tx, shop_id, list(left))
    errors = {order_id: web.words(request, no) for order_id, no in problems.items()}
    general = "" if filled else web.words(request, NoWaybill())
    return _form(
        request, shop_id, orders, left, errors=errors, general=general, shipped=shipped, status=422
    )


@post(f"{ONE}/ship")
async def post_ship_one(request: web.AnyRequest) -> Response[Any]:
    """POST /merchant/{shop_id}/orders/{order_id}/ship (carrier, carrier_other, waybill, q_<line>).

    303 to the order; 404 when it is not this shop's; 409 and 422 the form with what to mend.
    """
    shop_id, order_id = forms.shop_of(request), OrderId(web.path_id(request, "order_id"))
    entry = await forms.read_entry(request, order_id)
    async with web.read(request) as tx:
        orders = await storage.orders_to_ship(tx, shop_id, [order_id])
    if not orders:
        raise NotFound
    try:
        verdict = await _ship_one(request, shop_id, entry, orders[0])
    except (Refusal, Refusals) as problem:
        errors = web.field_errors(request, problem)
        return _form(
            request,
            shop_id,
            orders,
            {order_id: entry},
            fields=errors,
            status=web.status_of(problem),
        )
    return _back(request, order_id, SHIPPED_ONE if verdict is ShipVerdict.SHIPPED else SHIPPED_PART)


@post(f"{ONE}/refund")
async def post_refund(request: web.AnyRequest) -> Response[Any]:
    """POST /merchant/{shop_id}/orders/{order_id}/refund (why): 303 to the order; 404; 409; 422."""
    shop_id, order_id = forms.shop_of(request), OrderId(web.path_id(request, "order_id"))
    await web.service(request, "refund_orders")(
        RefundAsked(
            order_id=order_id,
            actor="shop",
            at=web.now(request),
            why=await _reason(request),
            shop_id=shop_id,
            actor_id=web.signed_in(request).account_id,
        )
    )
    return _back(request, order_id, REFUNDED)


@post(f"{ONE}/cancel")
async def post_cancel(request: web.AnyRequest) -> Response[Any]:
    """POST /merchant/{shop_id}/orders/{order_id}/cancel (why): 303 to the order; 404; 409; 422."""
    shop_id, order_id = forms.shop_of(request), OrderId(web.path_id(request, "order_id"))
    await web.service(request, "cancel_orders")(
        Cancellation(
            order_id=order_id,
            actor="shop",
            at=web.now(request),
            why=await _reason(request),
            shop_id=shop_id,
            actor_id=web.signed_in(request).account_id,
        )
    )
    return _back(request, order_id, CANCELLED)


async def _reason(request: web.AnyRequest) -> str:
    why = str((await request.form()).get("why", ""))
    if why not in WHYS:
        raise ReasonMissing(field="why")
    return why


async def _ship_one(
    request: web.AnyRequest, shop_id: ShopId, entry: Entry, order: OrderToShip
) -> ShipVerdict:
    shipment = rules.shipment(
        entry,
        shop_id=shop_id,
        actor_id=web.signed_in(request).account_id,
        at=web.now(request),
        lines=rules.parts_of(entry, order),
    )
    async with web.read(request) as tx:
        if await storage.has_parcel(tx, order.id, shipment.waybill):
            raise ParcelTwice(field="waybill")
    answers: list[ShipVerdict | Refusal] = await web.service(request, "ship_orders")([shipment])
    if isinstance(answers[0], Refusal):
        raise answers[0]
    return answers[0]


async def _ship_all(
    request: web.AnyRequest, shop_id: ShopId, entries: Sequence[Entry]
) -> dict[OrderId, Refusal]:
    """Ship what can be shipped; why the others were not."""
    problems: dict[OrderId, Refusal] = {}
    shipments: list[Shipment] = []
    for entry in entries:
        try:
            shipments.append(
                rules.shipment(
                    entry,
                    shop_id=shop_id,
                    actor_id=web.signed_in(request).account_id,
                    at=web.now(request),
                )
            )
        except Refusal as problem:
            problems[entry.order_id] = problem
    if shipments:
        answers = await web.service(request, "ship_orders")(shipments)
        for shipment, answer in zip(shipments, answers, strict=True):
            if isinstance(answer, Refusal):
                problems[shipment.order_id] = answer
    return problems


def _form(
    request: web.AnyRequest,
    shop_id: ShopId,
    orders: Sequence[OrderToShip],
    entries: Mapping[OrderId, Entry],
    *,
    errors: Mapping[OrderId, str] | None = None,
    fields: Mapping[str, str] | None = None,
    general: str = "",
    shipped: int = 0,
    status: int = 200,
) -> Response[Any]:
    """The shipping form: one order with its lines, or a row per order."""
    locale = locale_of(request)
    return web.page(
        request,
        "dispatch/ship_one.html" if len(orders) == 1 and not shipped else "dispatch/ship_many.html",
        status=status,
        shop_id=shop_id,
        orders=orders,
        together=rules.same_receiver(orders),
        entries=entries,
        errors=errors or {},
        fields=fields or {},
        general=general,
        shipped=shipped,
        carriers=[(it.code, it.shown(locale)) for it in common_carriers()],
        picture_of=lambda picture: picture_src(picture, PICTURE),
    )


def _back(request: web.AnyRequest, order_id: OrderId, text: str) -> Response[Any]:
    """303 to the order, which tells ``text``."""
    words = translator(locale_of(request))
    return flash(
        redirect(f"/merchant/{forms.shop_of(request)}/orders/{order_id}"), "ok", words(text)
    )


routes = [
    get_ship,
    post_ship,
    post_ship_one,
    post_refund,
    post_cancel,
    *waybills.routes,
    *routes_labels.routes,
    *routes_pick.routes,
    *routes_parcels.routes,
]
