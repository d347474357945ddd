"""HTTP for offers of a shop: special prices, flash sales, sets, member prices."""

from typing import Any, Final
from zoneinfo import ZoneInfo

from litestar import Response, get, post

from jishi import web
from jishi.db import load_sql
from jishi.flows.keep_offers.flow import create_offer
from jishi.flows.keep_offers.forms import OfferTyped, in_a_week, offer_draft, typed
from jishi.flows.keep_offers.routes_coupons import reading_of
from jishi.kit.errors import Refusal, Refusals
from jishi.kit.ids import parse_id
from jishi.kit.pictures import picture_src
from jishi.kit.text import clean
from jishi.kit.text import mark as _
from jishi.modules import pricing
from jishi.modules.pricing import AUDIENCES, KINDS, OfferKind
from jishi.modules.shops import Errors, shop_here
from jishi.web.answer import redirect
from jishi.web.flash import flash
from jishi.web.i18n import translator
from jishi.web.pages import locale_of, query_url

MADE: Final = _("The offer stands.")
ENDED: Final = _("The offer has ended. Orders placed keep their price.")
PICK_MAX: Final = 60
QUERY_MAX: Final = 40
MADE_HERE: Final = (OfferKind.TIMED, OfferKind.FLASH, OfferKind.N_FOR, OfferKind.MEMBER)
_PICK: Final = load_sql(__package__, "pick_skus")


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
    """GET …/marketing/offers/new (kind, q): 200 the form with goods to choose."""
    kind = request.query_params.get("kind", "")
    zone, now = ZoneInfo(web.settings(request).zone), web.now(request)
    fields = {
        "kind": kind if kind in set(MADE_HERE) else OfferKind.TIMED,
        "q": request.query_params.get("q", ""),
        "starts_at": typed(now, zone),
        "ends_at": "" if kind == OfferKind.MEMBER else in_a_week(now, zone),
    }
    return await _form(request, OfferTyped(fields=fields, chosen=()))


@post("/merchant/{shop_id:str}/marketing/offers/new")
async def post_new(request: web.AnyRequest) -> Response[Any]:
    """POST …/marketing/offers/new: 303 to the offers; 200 the form with other goods to choose
    (go=find); 409, 422 the form with what to mend, everything kept."""
    here, form = shop_here(request), await request.form()
    fields = {name: str(value) for name, value in form.multi_items() if name != "sku"}
    chosen = [it for it in map(parse_id, map(str, form.getall("sku", []))) if it]
    asked = OfferTyped(fields=fields, chosen=chosen[:1000])
    if asked.get("go") == "find":
        return await _form(request, asked)
    now = web.now(request)
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


async def _form(
    request: web.AnyRequest, asked: OfferTyped, *, problem: Refusal | Refusals | None = None
) -> Response[Any]:
    here, locale = shop_here(request), locale_of(request)
    words = clean(asked.get("q"))[:QUERY_MAX]
    async with web.read(request) as tx:
        rows = await tx.fetch(_PICK, here.id, words, PICK_MAX)
    shown = {row["sku_id"] for row in rows}
    return web.page(
        request,
        "keep_offers/offer.html",
        status=web.status_of(problem) if problem else 200,
        shop=here,
        asked=asked,
        kind=asked.get("kind"),
        rows=[
            {
                **row,
                "name": row["title_en"] if locale == "en" and row["title_en"] else row["title"],
                "image": picture_src(row["picture"]),
                "spec": " · ".join(row["options"]),
            }
            for row in rows
        ],
        kept=[sku_id for sku_id in asked.chosen if sku_id not in shown],
        errors=Errors(web.field_errors(request, problem) if problem else {}),
        kinds=KINDS,
        made_here=MADE_HERE,
        audiences=AUDIENCES,
    )


routes = [get_marketing, get_new, post_new, post_end]
