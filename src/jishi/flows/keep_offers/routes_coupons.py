"""HTTP for coupons: the shop's in its console, the market's in the operator's. One form for both."""

from dataclasses import dataclass
from typing import Any, Final
from zoneinfo import ZoneInfo

from litestar import Response, get, post

from jishi import web
from jishi.flows.keep_offers.forms import (
    CouponForm,
    Reading,
    coupon_draft,
    coupon_form,
    handed_out,
    in_a_week,
    typed,
)
from jishi.flows.keep_offers.scopes import check_scope, find, named
from jishi.kit.errors import NotFound, Refusal, Refusals
from jishi.kit.ids import ShopId
from jishi.kit.money import format_plain
from jishi.kit.text import mark as _
from jishi.modules import pricing
from jishi.modules.pricing import AUDIENCES, Coupon, coupon_text
from jishi.modules.shops import Errors, ShopHere, shop_here
from jishi.web.answer import redirect
from jishi.web.flash import flash
from jishi.web.i18n import translator
from jishi.web.pages import locale_of, query_url

ISSUED: Final = _("The coupon is issued.")
SAVED: Final = _("Saved.")
ENDED: Final = _("Ended. Claimed coupons stay good.")
LOOKING: Final = frozenset({"find", "more"})  # buttons that look for goods and save nothing


@dataclass(frozen=True, slots=True)
class Desk:
    """Whose coupons a page is about: a shop's, or the market's."""

    shop: ShopHere | None

    @property
    def shop_id(self) -> ShopId | None:
        return self.shop.id if self.shop else None

    @property
    def base(self) -> str:
        return f"{self.shop.base}/marketing/coupons" if self.shop else "/operator/coupons"


@get("/merchant/{shop_id:str}/marketing/coupons")
async def get_shop_coupons(request: web.AnyRequest) -> Response[Any]:
    """GET …/marketing/coupons (after): 200 coupons with what became of them."""
    return await _list(request, Desk(shop_here(request)))


@get("/operator/coupons")
async def get_market_coupons(request: web.AnyRequest) -> Response[Any]:
    """GET /operator/coupons (after): 200 the market's coupons with budgets and use."""
    return await _list(request, Desk(None))


@get("/merchant/{shop_id:str}/marketing/coupons/new")
async def get_shop_new(request: web.AnyRequest) -> Response[Any]:
    """GET …/marketing/coupons/new: 200."""
    return await _form(request, Desk(shop_here(request)), _fresh(request))


@get("/operator/coupons/new")
async def get_market_new(request: web.AnyRequest) -> Response[Any]:
    """GET /operator/coupons/new: 200."""
    return await _form(request, Desk(None), _fresh(request))


@post("/merchant/{shop_id:str}/marketing/coupons/new")
async def post_shop_new(request: web.AnyRequest) -> Response[Any]:
    """POST …/marketing/coupons/new: 303 to the coupons; 200 the form with goods to choose (go=find,
    more); 409, 422 the form with what to mend."""
    return await _issue(request, Desk(shop_here(request)))


@post("/operator/coupons/new")
async def post_market_new(request: web.AnyRequest) -> Response[Any]:
    """POST /operator/coupons/new: 303 to the coupons; 200 the form with goods to choose (go=find,
    more); 409, 422 the form with what to mend."""
    return await _issue(request, Desk(None))


@get("/merchant/{shop_id:str}/marketing/coupons/{coupon_id:str}")
async def get_shop_coupon(request: web.AnyRequest) -> Response[Any]:
    """GET …/marketing/coupons/{coupon_id}: 200 what of it can be changed; 404."""
    return await _edit(request, Desk(shop_here(request)))


@get("/operator/coupons/{coupon_id:str}")
async def get_market_coupon(request: web.AnyRequest) -> Response[Any]:
    """GET /operator/coupons/{coupon_id}: 200; 404."""
    return await _edit(request, Desk(None))


@post("/merchant/{shop_id:str}/marketing/coupons/{coupon_id:str}")
async def post_shop_coupon(request: web.AnyRequest) -> Response[Any]:
    """POST …/marketing/coupons/{coupon_id} (version, …): 303; 200 the form with goods to choose; 409, 422 the
    form with what to mend; 404."""
    return await _change(request, Desk(shop_here(request)))


@post("/operator/coupons/{coupon_id:str}")
async def post_market_coupon(request: web.AnyRequest) -> Response[Any]:
    """POST /operator/coupons/{coupon_id}: as for a shop's."""
    return await _change(request, Desk(None))


@post("/merchant/{shop_id:str}/marketing/coupons/{coupon_id:str}/end")
async def post_shop_end(request: web.AnyRequest) -> Response[Any]:
    """POST …/coupons/{coupon_id}/end: 303; 404, also the second time."""
    return await _end(request, Desk(shop_here(request)))


@post("/operator/coupons/{coupon_id:str}/end")
async def post_market_end(request: web.AnyRequest) -> Response[Any]:
    """POST /operator/coupons/{coupon_id}/end: 303; 404, also the second time."""
    return await _end(request, Desk(None))


async def _list(request: web.AnyRequest, desk: Desk) -> Response[Any]:
    async with web.read(request) as tx:
        page = await pricing.list_coupons(tx, desk.shop_id, request.query_params.get("after"))
    return web.page(
        request,
        "keep_offers/coupons.html",
        desk=desk,
        items=page.items,
        next_url=query_url(desk.base, after=page.next_cursor) if page.next_cursor else "",
        coupon_text=coupon_text,
        words=translator(locale_of(request)),
        audiences=AUDIENCES,
        now=web.now(request),
    )


async def _issue(request: web.AnyRequest, desk: Desk) -> Response[Any]:
    form = await web.read_form(request, CouponForm)
    if form.go in LOOKING:
        return await _form(request, desk, form)
    now, me = web.now(request), web.signed_in(request).account_id
    try:
        draft = coupon_draft(form, reading_of(request), shop_id=desk.shop_id, now=now)
        async with web.transaction(request) as tx:
            await check_scope(tx, draft.terms)
            await pricing.issue_coupon(tx, web.ids(request), draft, actor_id=me, now=now)
    except (Refusal, Refusals) as problem:
        return await _form(request, desk, form, problem=problem)
    return _told(request, desk.base, ISSUED)


async def _edit(request: web.AnyRequest, desk: Desk) -> Response[Any]:
    found = await _found(request, desk)
    settings = web.settings(request)
    form = coupon_form(
        found, ZoneInfo(settings.zone), lambda minor: format_plain(minor, settings.currency)
    )
    return await _form(request, desk, form, coupon=found)


async def _change(request: web.AnyRequest, desk: Desk) -> Response[Any]:
    form, found = await web.read_form(request, CouponForm), await _found(request, desk)
    if form.go in LOOKING:
        return await _form(request, desk, form, coupon=found)
    now, reading = web.now(request), reading_of(request)
    try:
        if found.has_begun(now):
            draft = handed_out(form, reading, found)
        else:
            draft = coupon_draft(form, reading, shop_id=desk.shop_id, now=now)
        version = reading.number("version", form.version) or 0
        async with web.transaction(request) as tx:
            await check_scope(tx, draft.terms)
            await pricing.change_coupon(tx, found.id, draft, version=version, now=now)
    except (Refusal, Refusals) as problem:
        return await _form(request, desk, form, coupon=found, problem=problem)
    return _told(request, desk.base, SAVED)


async def _found(request: web.AnyRequest, desk: Desk) -> Coupon:
    """The coupon in the path, one of this desk's that has not ended. Raises NotFound."""
    coupon_id = web.path_id(request, "coupon_id")
    async with web.read(request) as tx:
        found = await pricing.find_coupon(tx, coupon_id, shop_id=desk.shop_id)
    if found is None or found.ended_at is not None:
        raise NotFound
    return found


async def _end(request: web.AnyRequest, desk: Desk) -> Response[Any]:
    async with web.transaction(request) as tx:
        await pricing.end_coupon(
            tx, web.path_id(request, "coupon_id"), shop_id=desk.shop_id, now=web.now(request)
        )
    return _told(request, desk.base, ENDED)


async def _form(
    request: web.AnyRequest,
    desk: Desk,
    form: CouponForm,
    *,
    coupon: Coupon | None = None,
    problem: Refusal | Refusals | None = None,
) -> Response[Any]:
    locale = locale_of(request)
    after = {"find": "", "more": form.more}.get(form.go, form.after)
    has_begun = coupon is not None and coupon.has_begun(web.now(request))
    async with web.read(request) as tx:
        chosen = await named(tx, form.covers, form.ids, shop_id=desk.shop_id, locale=locale)
        page = await find(tx, form.covers, form.q, after, shop_id=desk.shop_id, locale=locale)
    ids = {it.id for it in chosen}
    return web.page(
        request,
        "keep_offers/coupon.html",
        status=web.status_of(problem) if problem else 200,
        desk=desk,
        form=form,
        coupon=coupon,
        has_begun=has_begun,
        chosen=chosen,
        found=[it for it in page.items if it.id not in ids],
        after=after,
        more=page.next_cursor or "",
        errors=Errors(web.field_errors(request, problem) if problem else {}),
        coupon_text=coupon_text,
        words=translator(locale),
    )


def _fresh(request: web.AnyRequest) -> CouponForm:
    zone, now = ZoneInfo(web.settings(request).zone), web.now(request)
    return CouponForm(
        is_public="1",
        claim_from=typed(now, zone),
        claim_until=in_a_week(now, zone),
        valid_days="30",
    )


def reading_of(request: web.AnyRequest) -> Reading:
    settings = web.settings(request)
    return Reading(settings.currency, ZoneInfo(settings.zone), [])


def _told(request: web.AnyRequest, target: str, text: str) -> Response[Any]:
    return flash(redirect(target), "ok", translator(locale_of(request))(text))


routes = [
    get_shop_coupons,
    get_market_coupons,
    get_shop_new,
    get_market_new,
    post_shop_new,
    post_market_new,
    get_shop_coupon,
    get_market_coupon,
    post_shop_coupon,
    post_market_coupon,
    post_shop_end,
    post_market_end,
]
