"""Labels: make, print, ship from, cancel."""

import asyncio
from collections.abc import Sequence
from typing import Any, Final
from zoneinfo import ZoneInfo

from litestar import Response, get, post

from jishi import web
from jishi.flows.dispatch import forms, labels, storage
from jishi.flows.dispatch.label_pdf import LabelShown, LabelWords, labels_pdf
from jishi.flows.dispatch.rules_labels import LABELS_MAX, LabelSource
from jishi.flows.dispatch.types import NothingChosen
from jishi.kit.errors import Refusal
from jishi.kit.ids import OrderId
from jishi.kit.paging import PAGE_SIZE_MAX
from jishi.kit.text import mark as _
from jishi.modules.fulfilment import carrier_name, common_carriers, label_book, service_for
from jishi.modules.fulfilment.types_tracking import Waybill, WaybillState
from jishi.web.answer import redirect
from jishi.web.flash import flash
from jishi.web.i18n import translator
from jishi.web.pages import locale_of
from jishi.web.pdf import inline_pdf

LABELS: Final = "/merchant/{shop_id:str}/orders/labels"
CANCELLED: Final = _("The labels were given back to the carrier.")


@get(LABELS)
async def get_labels(request: web.AnyRequest) -> Response[Any]:
    """GET /merchant/{shop_id}/orders/labels (order_id, repeated; or next; or after): labels; 200, 413.

    Of these orders; with ``next``, of those that must leave first and have none; else all that wait to
    be used, a hundred a page.
    """
    shop_id, params = forms.shop_of(request), request.query_params
    orders = forms.ids_of(params.getall("order_id", []), most=LABELS_MAX)
    after, next_cursor = params.get("after"), None
    if not orders:
        async with web.read(request) as tx:
            if params.get("next"):
                orders = await storage.orders_without_label(tx, shop_id, limit=LABELS_MAX)
            else:
                found = await label_book.waiting(tx, shop_id, cursor=after, size=PAGE_SIZE_MAX)
                orders = list(dict.fromkeys(it.order_id for it in found.items))
                next_cursor = found.next_cursor
    return await _page(request, orders, after=after, next_cursor=next_cursor)


@post(LABELS)
async def post_labels(request: web.AnyRequest) -> Response[Any]:
    """POST /merchant/{shop_id}/orders/labels (order_id, repeated; carrier): make labels.

    200 the page with what was made and what was refused, each by name; 413 for more than 200; 422
    without an order or for a carrier that is not connected.
    """
    form = await request.form()
    orders = forms.ids_of(form.getall("order_id", []), most=LABELS_MAX)
    if not orders:
        raise NothingChosen
    shop_id, now = forms.shop_of(request), web.now(request)
    carriers = web.service(request, "carriers")
    async with web.transaction(request) as tx:
        asked = await labels.ask(
            tx,
            shop_id,
            orders,
            carrier=str(form.get("carrier") or ""),
            carriers=carriers,
            actor_id=web.signed_in(request).account_id,
            maker=web.ids(request),
            now=now,
        )
        waybills = await label_book.waybills_of(tx, shop_id, asked.waybills)
    await labels.finish(web.pool(request), carriers, waybills, now=now)
    return await _page(request, orders, refused=asked.refused)


@post(f"{LABELS}/print")
async def post_print(request: web.AnyRequest) -> Response[bytes]:
    """POST /merchant/{shop_id}/orders/labels/print (waybill_id, repeated, at most 200): 200 one PDF.

    Each label counts as printed; from the second time on it says so. 404 for a label of another shop; 409
    when any order was cancelled or refunded, or has no number; then none is printed.
    """
    shop_id, locale = forms.shop_of(request), locale_of(request)
    ids = await _chosen(request)
    async with web.transaction(request) as tx:
        found = await labels.to_print(tx, shop_id, ids, now=web.now(request))
    words = translator(locale)
    fixed = LabelWords(
        title=words(_("Labels")),
        to=words(_("To")),
        sender=words(_("From")),
        order=words(_("Order")),
        signature=words(_("Signature")),
    )
    zone = ZoneInfo(web.settings(request).zone)
    shown = [_shown(waybill, source, locale, zone) for waybill, source in found]
    return inline_pdf(await asyncio.to_thread(labels_pdf, shown, fixed), "labels.pdf")


@post(f"{LABELS}/ship")
async def post_ship(request: web.AnyRequest) -> Response[Any]:
    """POST /merchant/{shop_id}/orders/labels/ship (waybill_id, repeated): the parcels have left.

    303 to the list when all of them were shipped; 200 the page with those that were not, and why.
    """
    shop_id = forms.shop_of(request)
    ids = await _chosen(request)
    async with web.read(request) as tx:
        waybills = await label_book.waybills_of(tx, shop_id, ids)
    if not waybills:
        raise NothingChosen
    sent = await labels.send_off(
        web.pool(request),
        web.service(request, "ship_orders"),
        shop_id,
        waybills,
        actor_id=web.signed_in(request).account_id,
        now=web.now(request),
    )
    if sent.shipped and not sent.refused:
        words = translator(locale_of(request))
        text = words.ngettext(
            "{n} parcel is on its way.", "{n} parcels are on their way.", sent.shipped
        )
        return flash(redirect(f"/merchant/{shop_id}/orders?state=to_ship"), "ok", text)
    orders = list(dict.fromkeys(it.order_id for it in waybills))
    return await _page(request, orders, refused=sent.refused)


@post(f"{LABELS}/cancel")
async def post_cancel(request: web.AnyRequest) -> Response[Any]:
    """POST /merchant/{shop_id}/orders/labels/cancel (waybill_id, repeated): give labels back; 303."""
    shop_id, now = forms.shop_of(request), web.now(request)
    ids = await _chosen(request)
    async with web.transaction(request) as tx:
        begun = await label_book.begin_cancel(tx, shop_id, ids, again_at=now + labels.AGAIN_IN)
        waybills = await label_book.waybills_of(tx, shop_id, sorted(begun))
    if not waybills:
        raise NothingChosen
    await labels.finish(web.pool(request), web.service(request, "carriers"), waybills, now=now)
    back = redirect(f"/merchant/{shop_id}/orders/labels")
    return flash(back, "ok", translator(locale_of(request))(CANCELLED))


async def _chosen(request: web.AnyRequest) -> list[int]:
    """The labels a form names. Raises NothingChosen, TooMany."""
    ids = forms.ids_of((await request.form()).getall("waybill_id", []), most=LABELS_MAX)
    if not ids:
        raise NothingChosen
    return ids


def _shown(waybill: Waybill, source: LabelSource, locale: str, zone: ZoneInfo) -> LabelShown:
    words = translator(locale)
    to, sender = source.receiver, source.sender
    return LabelShown(
        carrier=carrier_name(waybill.carrier, locale),
        number=waybill.number or "",
        route=waybill.route,
        order=str(waybill.order_id),
        receiver=(to.name, to.phone, to.address),
        sender=(sender.name, sender.phone, sender.address),
        goods=source.goods,
        note=source.note,
        pieces=words.ngettext("{n} piece", "{n} pieces", waybill.pieces),
        made_on=f"{waybill.asked_at.astimezone(zone):%Y-%m-%d}",
        reprint=words(_("Print {n}"), n=waybill.prints + 1) if waybill.prints else "",
    )


async def _page(
    request: web.AnyRequest,
    orders: Sequence[int],
    *,
    refused: Sequence[tuple[OrderId, Refusal]] = (),
    after: str | None = None,
    next_cursor: str | None = None,
) -> Response[Any]:
    shop_id, locale = forms.shop_of(request), locale_of(request)
    carriers = web.service(request, "carriers")
    async with web.read(request) as tx:
        sources = await labels.sources(tx, shop_id, orders)
        found = await label_book.of_orders(tx, shop_id, orders)
        carrier = await storage.last_carrier(tx, shop_id)
    live = {(it.order_id, it.warehouse_id): it for it in found if it.state is not WaybillState.USED}
    return web.page(
        request,
        "dispatch/labels.html",
        shop_id=shop_id,
        rows=[
            (it, live.get((it.order_id, it.warehouse_id)) if it.warehouse_id else None)
            for it in sources
        ],
        used=[it for it in found if it.state is WaybillState.USED],
        refused=[(order, web.words(request, problem)) for order, problem in refused],
        carriers=[
            (it.code, it.shown(locale))
            for it in common_carriers()
            if service_for(carriers, it.code)
        ],
        carrier=carrier,
        carrier_of=lambda code: carrier_name(code, locale),
        after=after,
        next_cursor=next_cursor,
    )


routes = [get_labels, post_labels, post_print, post_ship, post_cancel]
