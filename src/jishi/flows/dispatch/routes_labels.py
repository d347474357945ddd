"""Labels: make, print, ship from, cancel."""

from collections.abc import Sequence
from typing import Any, Final

from litestar import Response, get, post

from jishi import web
from jishi.flows.dispatch import labels, rules_labels, storage
from jishi.flows.dispatch.label_pdf import LabelShown, LabelWords, labels_pdf
from jishi.flows.dispatch.rules_labels import LABELS_MAX, LabelSource
from jishi.flows.dispatch.types import NothingChosen, TooManyLabels
from jishi.kit.errors import Refusal, Refusals
from jishi.kit.ids import OrderId, ShopId, parse_id
from jishi.kit.text import mark as _
from jishi.modules.fulfilment import (
    carrier_name,
    common_carriers,
    label_book,
    service_for,
)
from jishi.modules.fulfilment.types_tracking import Waybill, WaybillState, WaybillUnknown
from jishi.web.answer import redirect
from jishi.web.flash import flash
from jishi.web.i18n import translator
from jishi.web.pages import locale_of, query_url

LABELS: Final = "/merchant/{shop_id:str}/orders/labels"
PDF: Final = "application/pdf"
CANCELLED: Final = _("The labels were given back to the carrier.")


@get(LABELS)
async def get_labels(request: web.AnyRequest) -> Response[Any]:
    """GET /merchant/{shop_id}/orders/labels (order_id, repeated): labels of these orders; 200.

    Without orders: those not used yet.
    """
    return await _page(request, _asked_orders(request))


@post(LABELS)
async def post_labels(request: web.AnyRequest) -> Response[Any]:
    """POST /merchant/{shop_id}/orders/labels (order_id, repeated; carrier): make labels.

    200 the page with what was made and what was refused, each by name; 422 without an order or for a
    carrier that is not connected.
    """
    form = await request.form()
    orders = _ids(form.getall("order_id", []))
    if not orders:
        raise NothingChosen
    shop_id, now = _shop(request), web.now(request)
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


@get(f"{LABELS}.pdf")
async def get_labels_file(request: web.AnyRequest) -> Response[bytes]:
    """GET /merchant/{shop_id}/orders/labels.pdf (waybill_id, repeated, at most 200): 200 the file.

    404 for a label of another shop; 409 when any order was cancelled or refunded, or has no number.
    """
    shop_id = _shop(request)
    ids = _ids(request.query_params.getall("waybill_id", []))
    waybills, sources = await _printable(request, shop_id, ids)
    locale = locale_of(request)
    words = translator(locale)
    shown = [_shown(waybill, sources[waybill.id], locale) for waybill in waybills]
    raw = labels_pdf(
        shown,
        LabelWords(
            title=words("Labels"),
            to=words("To"),
            sender=words("From"),
            order=words("Order"),
            signature=words("Signature"),
        ),
    )
    answer = Response(raw, media_type=PDF)
    answer.headers["content-disposition"] = 'inline; filename="labels.pdf"'
    return answer


@post(f"{LABELS}/ship")
async def post_ship(request: web.AnyRequest) -> Response[Any]:
    """POST /merchant/{shop_id}/orders/labels/ship (waybill_id, repeated): the parcels have left.

    303 to the list when all of them were shipped; 200 the page with those that were not, and why.
    """
    shop_id, now = _shop(request), web.now(request)
    ids = _ids((await request.form()).getall("waybill_id", []))
    async with web.read(request) as tx:
        waybills = await label_book.waybills_of(tx, shop_id, ids)
        if not waybills:
            raise NothingChosen
        sources = await labels.sources(tx, shop_id, sorted({it.order_id for it in waybills}))
    made = [it for it in waybills if it.state is WaybillState.MADE]
    refused: list[tuple[OrderId, Refusal]] = []
    rounds = rules_labels.shipments(
        made, sources, shop_id=shop_id, actor_id=web.signed_in(request).account_id, at=now
    )
    shipped = 0
    for batch in rounds:
        answers = await web.service(request, "ship_orders")(batch)
        done = [s for s, it in zip(batch, answers, strict=True) if not isinstance(it, Refusal)]
        refused += [
            (s.order_id, it)
            for s, it in zip(batch, answers, strict=True)
            if isinstance(it, Refusal)
        ]
        shipped += len(done)
        async with web.transaction(request) as tx:
            pairs = [s.order_id for s in done], [s.waybill for s in done]
            await label_book.mark_used(tx, *pairs, now=now)
    words = translator(locale_of(request))
    if shipped and not refused:
        text = words.ngettext("{n} parcel is on its way.", "{n} parcels are on their way.", shipped)
        return flash(redirect(f"/merchant/{shop_id}/orders?state=to_ship"), "ok", text)
    return await _page(request, [it.order_id for it in waybills], refused=refused)


@post(f"{LABELS}/cancel")
async def post_cancel(request: web.AnyRequest) -> Response[Any]:
    """POST /merchant/{shop_id}/orders/labels/cancel (waybill_id, repeated): give labels back; 303."""
    shop_id, now = _shop(request), web.now(request)
    ids = _ids((await request.form()).getall("waybill_id", []))
    async with web.transaction(request) as tx:
        begun = await label_book.begin_cancel(tx, shop_id, ids, again_at=now + labels.AGAIN_IN)
        waybills = await label_book.waybills_of(tx, shop_id, sorted(begun))
    if not waybills:
        raise NothingChosen
    await labels.finish(web.pool(request), web.service(request, "carriers"), waybills, now=now)
    back = query_url(f"/merchant/{shop_id}/orders/labels")
    return flash(redirect(back), "ok", translator(locale_of(request))(CANCELLED))


async def _printable(
    request: web.AnyRequest, shop_id: ShopId, ids: Sequence[int]
) -> tuple[list[Waybill], dict[int, LabelSource]]:
    """Labels in the order asked, with what stands on them. Raises by name what cannot be printed."""
    if not ids:
        raise NothingChosen
    async with web.read(request) as tx:
        found = {it.id: it for it in await label_book.waybills_of(tx, shop_id, ids)}
        if len(found) < len(ids):
            raise WaybillUnknown
        waybills = [found[each] for each in ids]  # type: ignore[index]
        orders = list(dict.fromkeys(it.order_id for it in waybills))
        sources = await labels.all_sources(tx, shop_id, orders)
    by_place = {(it.order_id, it.warehouse_id): it for it in sources}
    states = {it.order_id: it.state for it in sources}
    problems = [
        problem
        for it in waybills
        if (
            problem := rules_labels.check_print(
                it,
                states.get(it.order_id),
                has_goods=(it.order_id, it.warehouse_id) in by_place,
            )
        )
    ]
    if problems:
        raise Refusals(problems) if len(problems) > 1 else problems[0]
    return waybills, {it.id: by_place[it.order_id, it.warehouse_id] for it in waybills}


def _shown(waybill: Waybill, source: LabelSource, locale: str) -> LabelShown:
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
        made_on=f"{waybill.asked_at:%Y-%m-%d}",
    )


async def _page(
    request: web.AnyRequest,
    orders: Sequence[int],
    *,
    refused: Sequence[tuple[OrderId, Refusal]] = (),
) -> Response[Any]:
    shop_id, locale = _shop(request), locale_of(request)
    carriers = web.service(request, "carriers")
    async with web.read(request) as tx:
        if not orders:
            newest = await label_book.newest_live(tx, shop_id, limit=LABELS_MAX)
            orders = list(dict.fromkeys(it.order_id for it in newest))
        sources = await labels.sources(tx, shop_id, orders)
        mine = sorted({it.order_id for it in sources})
        live = await label_book.live_of_orders(tx, shop_id, mine)
        carrier = await storage.last_carrier(tx, shop_id)
    by_place: dict[tuple[int, int | None], Waybill] = {
        (it.order_id, it.warehouse_id): it for it in live
    }
    return web.page(
        request,
        "dispatch/labels.html",
        shop_id=shop_id,
        rows=[(it, by_place.get((it.order_id, it.warehouse_id))) for it in sources],
        refused=[(order, web.words(request, problem)) for order, problem in refused],
        carriers=[
            (it.code, it.shown(locale))
            for it in common_carriers()
            if service_for(carriers, it.code) and it.code != "self"
        ],
        carrier=carrier,
        carrier_of=lambda code: carrier_name(code, locale),
        labels_max=LABELS_MAX,
    )


def _asked_orders(request: web.AnyRequest) -> list[int]:
    return _ids(request.query_params.getall("order_id", []))


def _ids(texts: Sequence[Any]) -> list[int]:
    """Ids in the order given, each once. Raises TooManyLabels beyond 200."""
    found = [parse_id(str(text)) for text in texts[: LABELS_MAX * 5]]
    ids = list(dict.fromkeys(each for each in found if each))
    if len(ids) > LABELS_MAX:
        raise TooManyLabels(limit=LABELS_MAX)
    return ids


def _shop(request: web.AnyRequest) -> ShopId:
    return ShopId(web.path_id(request, "shop_id"))


routes = [get_labels, post_labels, get_labels_file, post_ship, post_cancel]
