"""HTTP for offers of a shop: special prices, flash sales, sets, member prices."""

from typing import Any, Final
from zoneinfo import ZoneInfo

from litestar import Response, get, post

from jishi import web
from jishi.db import Row, load_sql
from jishi.flows.keep_offers.flow import change_offer, create_offer
from jishi.flows.keep_offers.forms import (
    MADE_HERE,
    OfferTyped,
    in_a_week,
    offer_change,
    offer_draft,
    offer_form,
    typed,
)
from jishi.flows.keep_offers.routes_coupons import LOOKING, SAVED, reading_of
from jishi.kit.errors import Refusal, Refusals
from jishi.kit.ids import ID_MAX, parse_id
from jishi.kit.money import format_plain
from jishi.kit.paging import decode_cursor, page_of
from jishi.kit.pictures import picture_src
from jishi.kit.text import clean
from jishi.kit.text import mark as _
from jishi.modules import pricing
from jishi.modules.pricing import AUDIENCES, ITEMS_MAX, KINDS, OfferKind, OfferStands
from jishi.modules.shops import Errors, shop_here
from jishi.web.answer import redirect
from jishi.web.flash import flash
from jishi.web.i18n import translator
from jishi.web.pages import locale_of, query_url

MADE: Final = _("The offer stands.")
ENDED: Final = _("The offer has ended. Orders placed keep their price.")
PICK_SIZE: Final = 30  # SKUs of a page
QUERY_MAX: Final = 40
_PICK: Final = load_sql(__package__, "pick_skus")
_CHOSEN: Final = load_sql(__package__, "own_skus")


@get("/merchant/{shop_id:str}/marketing")
async def get_marketing(request: web.AnyRequest) -> Response[Any]:
    """GET …/marketing (after): 200 the shop's offers with what became of them."""
    here = shop_here(request)
    async with web.read(request) as tx:
        page = await pricing.list_offers(tx, here.id, request.query_params.get("after"))
    return web.page(
        request,
        "keep_offers/offers.html",
        shop=here,
        items=page.items,
        next_url=query_url(f"{here.base}/marketing", after=page.next_cursor)
        if page.next_cursor
        else "",
        kinds=KINDS,
        audiences=AUDIENCES,
        made_here=MADE_HERE,
        now=web.now(request),
    )


@get("/merchant/{shop_id:str}/marketing/offers/new")
async def get_new(request: web.AnyRequest) -> Response[Any]:
    """GET …/marketing/offers/new (kind): 200 the form with goods to choose."""
    kind = request.query_params.get("kind", "")
    zone, now = ZoneInfo(web.settings(request).zone), web.now(request)
    fields = {
        "kind": kind if kind in set(MADE_HERE) else OfferKind.TIMED,
        "starts_at": typed(now, zone),
        "ends_at": "" if kind == OfferKind.MEMBER else in_a_week(now, zone),
    }
    return await _form(request, OfferTyped(fields=fields, chosen=()))


@post("/merchant/{shop_id:str}/marketing/offers/new")
async def post_new(request: web.AnyRequest) -> Response[Any]:
    """POST …/marketing/offers/new: 303 to the offers; 200 the form with other goods to choose
    (go=find, more); 409, 422 the form with what to mend, everything kept."""
    here, asked, now = shop_here(request), await _typed(request), web.now(request)
    if asked.get("go") in LOOKING:
        return await _form(request, asked)
    try:
        draft, picked = offer_draft(asked, reading_of(request), shop_id=here.id, now=now)
        async with web.transaction(request) as tx:
            await create_offer(
                tx,
                web.ids(request),
                draft,
                picked,
                actor_id=web.signed_in(request).account_id,
                now=now,
            )
    except (Refusal, Refusals) as problem:
        return await _form(request, asked, problem=problem)
    told = translator(locale_of(request))(MADE)
    return flash(redirect(f"{here.base}/marketing"), "ok", told)


@get("/merchant/{shop_id:str}/marketing/offers/{offer_id:str}")
async def get_offer(request: web.AnyRequest) -> Response[Any]:
    """GET …/marketing/offers/{offer_id}: 200 what of it can be changed; 404, also when it is over."""
    before, settings = await _before(request), web.settings(request)
    asked = offer_form(
        before, ZoneInfo(settings.zone), lambda minor: format_plain(minor, settings.currency)
    )
    return await _form(request, asked, before=before)


@post("/merchant/{shop_id:str}/marketing/offers/{offer_id:str}")
async def post_offer(request: web.AnyRequest) -> Response[Any]:
    """POST …/marketing/offers/{offer_id} (version, …): 303 to the offers; 200 the form with other goods to
    choose; 409, 422 the form with what to mend, everything kept; 404."""
    before, asked, now = await _before(request), await _typed(request), web.now(request)
    if asked.get("go") in LOOKING:
        return await _form(request, asked, before=before)
    reading = reading_of(request)
    try:
        draft, picked = offer_change(asked, reading, before, now=now)
        version = reading.number("version", asked.get("version")) or 0
        async with web.transaction(request) as tx:
            await change_offer(tx, before.id, draft, picked, version=version, now=now)
    except (Refusal, Refusals) as problem:
        return await _form(request, asked, before=before, problem=problem)
    told = translator(locale_of(request))(SAVED)
    return flash(redirect(f"{shop_here(request).base}/marketing"), "ok", told)


@post("/merchant/{shop_id:str}/marketing/offers/{offer_id:str}/end")
async def post_end(request: web.AnyRequest) -> Response[Any]:
    """POST …/offers/{offer_id}/end: 303; 404, also the second time."""
    here = shop_here(request)
    async with web.transaction(request) as tx:
        await pricing.end_offer(
            tx, web.path_id(request, "offer_id"), shop_id=here.id, now=web.now(request)
        )
    told = translator(locale_of(request))(ENDED)
    return flash(redirect(f"{here.base}/marketing"), "ok", told)


async def _before(request: web.AnyRequest) -> OfferStands:
    """The offer in the path. Raises OfferUnknown."""
    offer_id = web.path_id(request, "offer_id")
    async with web.read(request) as tx:
        return await pricing.get_offer(
            tx, offer_id, shop_id=shop_here(request).id, now=web.now(request)
        )


async def _typed(request: web.AnyRequest) -> OfferTyped:
    form = await request.form()
    fields = {name: str(value) for name, value in form.multi_items() if name != "sku"}
    chosen = [it for it in map(parse_id, map(str, form.getall("sku", []))) if it]
    return OfferTyped(fields=fields, chosen=list(dict.fromkeys(chosen))[: ITEMS_MAX + 1])


async def _form(
    request: web.AnyRequest,
    asked: OfferTyped,
    *,
    before: OfferStands | None = None,
    problem: Refusal | Refusals | None = None,
) -> Response[Any]:
    here, locale, now = shop_here(request), locale_of(request), web.now(request)
    words = clean(asked.get("q"))[:QUERY_MAX]
    after = {"find": "", "more": asked.get("more")}.get(asked.get("go"), asked.get("after"))
    start = decode_cursor(after, int, int, int) or (ID_MAX, -1, 0)
    async with web.read(request) as tx:
        chosen = await tx.fetch(_CHOSEN, here.id, list(asked.chosen))
        rows = await tx.fetch(_PICK, here.id, words, list(asked.chosen), *start, PICK_SIZE + 1)
    found = page_of(
        rows, PICK_SIZE, lambda row: (row["product_id"], row["position"], row["sku_id"])
    )
    return web.page(
        request,
        "keep_offers/offer.html",
        status=web.status_of(problem) if problem else 200,
        shop=here,
        asked=asked,
        kind=before.draft.kind
        if before
        else next((it for it in MADE_HERE if it == asked.get("kind")), MADE_HERE[0]),
        before=before,
        is_seen=before is not None and before.is_seen(now),
        has_begun=before is not None and before.has_begun(now),
        stood={} if before is None else {it.sku_id: it for it in before.draft.items},
        chosen=[_shown(row, locale) for row in chosen],
        found=[_shown(row, locale) for row in found.items],
        after=after,
        more=found.next_cursor or "",
        errors=Errors(web.field_errors(request, problem) if problem else {}),
        kinds=KINDS,
        audiences=AUDIENCES,
    )


def _shown(row: Row, locale: str) -> dict[str, Any]:
    return {
        **row,
        "name": row["title_en"] if locale == "en" and row["title_en"] else row["title"],
        "image": picture_src(row["picture"]),
        "spec": " · ".join(row["options"]),
    }


routes = [get_marketing, get_new, post_new, get_offer, post_offer, post_end]
