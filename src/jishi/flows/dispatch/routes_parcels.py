"""Parcels at the packing table and after: scanned on their way out, given their right number."""

from typing import Any, Final

from litestar import Response, get, post

from jishi import web
from jishi.db import Row
from jishi.flows.dispatch import forms, labels, rules, storage
from jishi.flows.dispatch.rules_labels import by_order, source_of
from jishi.flows.dispatch.types import Entry, ParcelNotThere
from jishi.kit.errors import Refusal
from jishi.kit.ids import OrderId, ParcelId
from jishi.kit.text import mark as _
from jishi.modules.fulfilment import (
    WaybillUnknown,
    carrier_name,
    clean_waybill,
    common_carriers,
    label_book,
    service_for,
)
from jishi.web.answer import redirect
from jishi.web.flash import flash
from jishi.web.i18n import translator
from jishi.web.pages import locale_of

SCAN: Final = "/merchant/{shop_id:str}/orders/scan"
PARCEL: Final = "/merchant/{shop_id:str}/orders/{order_id:str}/parcels/{parcel_id:str}"
CORRECTED: Final = _("The number is corrected.")


@get(SCAN)
async def get_scan(request: web.AnyRequest) -> Response[Any]:
    """GET /merchant/{shop_id}/orders/scan: where the waybill of a parcel is scanned; 200."""
    return _scan_page(request)


@post(SCAN)
async def post_scan(request: web.AnyRequest) -> Response[Any]:
    """POST /merchant/{shop_id}/orders/scan (number): the parcel under this label leaves.

    200 what was in it; 404 no such label; 409 it may not leave, and why.
    """
    shop_id, now = forms.shop_of(request), web.now(request)
    number = clean_waybill(str((await request.form()).get("number") or "")[: forms.TYPED_MAX])
    async with web.read(request) as tx:
        label = await label_book.find_by_number(tx, shop_id, number)
        found = await labels.sources(tx, shop_id, [label.order_id] if label else [])
    if label is None:
        return _scan_page(request, number=number, problem=WaybillUnknown())
    sent = await labels.send_off(
        web.pool(request),
        web.service(request, "ship_orders"),
        shop_id,
        [label],
        actor_id=web.signed_in(request).account_id,
        now=now,
    )
    problem = next((no for _order, no in sent.refused), None)
    source = source_of(label, by_order(found).get(label.order_id, ()))
    return _scan_page(request, number=number, problem=problem, label=label, source=source)


@get(PARCEL)
async def get_parcel(request: web.AnyRequest) -> Response[Any]:
    """GET …/orders/{order_id}/parcels/{parcel_id}: where a wrong number is corrected; 200, 404."""
    parcel = await _parcel(request)
    entry = Entry(order_id=parcel["order_id"], carrier=parcel["carrier"], waybill=parcel["waybill"])
    return _parcel_page(request, parcel, entry)


@post(PARCEL)
async def post_parcel(request: web.AnyRequest) -> Response[Any]:
    """POST …/orders/{order_id}/parcels/{parcel_id} (carrier, carrier_other, waybill): 303 to the order.

    404; 409 the parcel or its order has ended, or another parcel has the number; 422 what to mend.
    """
    parcel = await _parcel(request)
    entry = await forms.read_entry(request, parcel["order_id"])
    carriers = web.service(request, "carriers")
    try:
        carrier, waybill = rules.carrier_and_number(entry)
        async with web.transaction(request) as tx:
            await storage.correct_waybill(
                tx,
                forms.shop_of(request),
                parcel["order_id"],
                parcel["id"],
                carrier=carrier,
                waybill=waybill,
                can_ask=service_for(carriers, carrier) is not None,
                actor_id=web.signed_in(request).account_id,
                now=web.now(request),
                zone=web.settings(request).zone,
            )
    except Refusal as problem:
        return _parcel_page(request, parcel, entry, problem=problem)
    order = f"/merchant/{forms.shop_of(request)}/orders/{parcel['order_id']}"
    return flash(redirect(order), "ok", translator(locale_of(request))(CORRECTED))


async def _parcel(request: web.AnyRequest) -> Row:
    """Raises ParcelNotThere, also for another shop's."""
    order_id = OrderId(web.path_id(request, "order_id"))
    parcel_id = ParcelId(web.path_id(request, "parcel_id"))
    async with web.read(request) as tx:
        found = await storage.find_parcel(tx, forms.shop_of(request), order_id, parcel_id)
    if found is None:
        raise ParcelNotThere
    return found


def _parcel_page(
    request: web.AnyRequest, parcel: Row, entry: Entry, *, problem: Refusal | None = None
) -> Response[Any]:
    locale = locale_of(request)
    return web.page(
        request,
        "dispatch/parcel.html",
        status=web.status_of(problem) if problem else 200,
        shop_id=forms.shop_of(request),
        parcel=parcel,
        entry=entry,
        errors=web.field_errors(request, problem) if problem else {},
        carriers=[(it.code, it.shown(locale)) for it in common_carriers()],
        carrier_of=lambda code: carrier_name(code, locale),
    )


def _scan_page(
    request: web.AnyRequest,
    *,
    number: str = "",
    problem: Refusal | None = None,
    label: Any = None,
    source: Any = None,
) -> Response[Any]:
    return web.page(
        request,
        "dispatch/scan.html",
        status=web.status_of(problem) if problem else 200,
        shop_id=forms.shop_of(request),
        number=number,
        problem=web.words(request, problem) if problem else "",
        label=label,
        source=source,
        carrier_of=lambda code: carrier_name(code, locale_of(request)),
    )


routes = [get_scan, post_scan, get_parcel, post_parcel]
