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
    in_a_week,
    typed,
)
from jishi.kit.errors import NotFound, Refusal, Refusals
from jishi.kit.ids import ShopId
from jishi.kit.money import format_plain
from jishi.kit.text import mark as _
from jishi.modules import pricing
from jishi.modules.pricing import AUDIENCES, Scope, ScopeForeign, coupon_text
from jishi.modules.shops import Errors, ShopHere, shop_here
from jishi.web.answer import redirect
from jishi.web.flash import flash
from jishi.web.i18n import translator
from jishi.web.pages import locale_of, query_url

ISSUED: Final = _("The coupon is issued.")
SAVED: Final = _("Saved.")
ENDED: Final = _("Ended. Claimed coupons stay good.")
_OWN_PRODUCTS: Final = """
SELECT count(*) FROM unnest($2::bigint[]) w(id)
JOIN product p ON p.cell = cell_of(w.id) AND p.id = w.id WHERE $1::bigint IS NULL OR p.shop_id = $1
"""
_CATEGORIES: Final = "SELECT count(*) FROM category WHERE id = ANY ($1::bigint[])"
_ACCOUNT: Final = "SELECT EXISTS (SELECT FROM account WHERE cell = cell_of($1) AND id = $1)"


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
    return _form(request, Desk(shop_here(request)), _fresh(request))


@get("/operator/coupons/new")
async def get_market_new(request: web.AnyRequest) -> Response[Any]:
    """GET /operator/coupons/new: 200."""
    return _form(request, Desk(None), _fresh(request))


@post("/merchant/{shop_id:str}/marketing/coupons/new")
async def post_shop_new(request: web.AnyRequest) -> Response[Any]:
    """POST …/marketing/coupons/new: 303 to the coupons; 409, 422 the form with what to mend."""
    return await _issue(request, Desk(shop_here(request)))


@post("/operator/coupons/new")
async def post_market_new(request: web.AnyRequest) -> Response[Any]:
    """POST /operator/coupons/new: 303 to the coupons; 409, 422 the form with what to mend."""
    return await _issue(request, Desk(None))


@get("/merchant/{shop_id:str}/marketing/coupons/{coupon_id:str}")
async def get_shop_coupon(request: web.AnyRequest) -> Response[Any]:
    """GET …/marketing/coupons/{coupon_id}: 200 how it is handed out; 404."""
    return await _edit(request, Desk(shop_here(request)))


@get("/operator/coupons/{coupon_id:str}")
async def get_market_coupon(request: web.AnyRequest) -> Response[Any]:
    """GET /operator/coupons/{coupon_id}: 200; 404."""
    return await _edit(request, Desk(None))


@post("/merchant/{shop_id:str}/marketing/coupons/{coupon_id:str}")
async def post_shop_coupon(request: web.AnyRequest) -> Response[Any]:
    """POST …/marketing/coupons/{coupon_id}: 303; 422 the form with what to mend; 404."""
    return await _change(request, Desk(shop_here(request)))


@post("/operator/coupons/{coupon_id:str}")
async def post_market_coupon(request: web.AnyRequest) -> Response[Any]:
    """POST /operator/coupons/{coupon_id}: 303; 422 the form with what to mend; 404."""
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
    now, me = web.now(request), web.signed_in(request).account_id
    try:
        draft = coupon_draft(form, reading_of(request), shop_id=desk.shop_id, now=now)
        async with web.transaction(request) as tx:
            await _check_scope(tx, draft.terms)
            await pricing.issue_coupon(tx, web.ids(request), draft, actor_id=me, now=now)
    except (Refusal, Refusals) as problem:
        return _form(request, desk, form, problem=problem)
    return _told(request, desk.base, ISSUED)


async def _check_scope(tx: Any, terms: pricing.Terms) -> None:
    """Products must be the shop's, categories and creators must exist. Raises ScopeForeign."""
    ids = sorted(terms.scope_ids)
    if terms.scope is Scope.PRODUCTS:
        if await tx.fetchval(_OWN_PRODUCTS, terms.shop_id, ids) != len(ids):
            raise ScopeForeign(field="scope_ids")
    elif terms.scope is Scope.CATEGORIES and await tx.fetchval(_CATEGORIES, ids) != len(ids):
        raise ScopeForeign(field="scope_ids")
    if terms.creator_id is not None and not await tx.fetchval(_ACCOUNT, terms.creator_id):
        raise ScopeForeign(field="creator_id")


async def _edit(request: web.AnyRequest, desk: Desk) -> Response[Any]:
    async with web.read(request) as tx:
        found = await pricing.find_coupon(
            tx, web.path_id(request, "coupon_id"), shop_id=desk.shop_id
        )
    if found is None:
        raise NotFound
    settings = web.settings(request)
    form = coupon_form(
        found, ZoneInfo(settings.zone), lambda minor: format_plain(minor, settings.currency)
    )
    return _form(request, desk, form, coupon=found)


async def _change(request: web.AnyRequest, desk: Desk) -> Response[Any]:
    form = await web.read_form(request, CouponForm)
    coupon_id, reading = web.path_id(request, "coupon_id"), reading_of(request)
    try:
        claim_until = reading.at("claim_until", form.claim_until)
        total = reading.number("total_limit", form.total_limit)
        budget = reading.minor("budget_minor", form.budget_minor)
        reading.done()
        async with web.transaction(request) as tx:
            await pricing.change_coupon(
                tx,
                coupon_id,
                shop_id=desk.shop_id,
                title=form.title,
                claim_until=claim_until or web.now(request),
                total_limit=total,
                budget_minor=budget,
                is_public=bool(form.is_public),
                now=web.now(request),
            )
    except (Refusal, Refusals) as problem:
        async with web.read(request) as tx:
            found = await pricing.find_coupon(tx, coupon_id, shop_id=desk.shop_id)
        if found is None:
            raise NotFound from problem
        return _form(request, desk, form, coupon=found, problem=problem)
    return _told(request, desk.base, SAVED)


async def _end(request: web.AnyRequest, desk: Desk) -> Response[Any]:
    async with web.transaction(request) as tx:
        await pricing.end_coupon(
            tx, web.path_id(request, "coupon_id"), shop_id=desk.shop_id, now=web.now(request)
        )
    return _told(request, desk.base, ENDED)


def _form(
    request: web.AnyRequest,
    desk: Desk,
    form: CouponForm,
    *,
    coupon: pricing.Coupon | None = None,
    problem: Refusal | Refusals | None = None,
) -> Response[Any]:
    return web.page(
        request,
        "keep_offers/coupon.html",
        status=web.status_of(problem) if problem else 200,
        desk=desk,
        form=form,
        coupon=coupon,
        errors=Errors(web.field_errors(request, problem) if problem else {}),
        coupon_text=coupon_text,
        words=translator(locale_of(request)),
        audiences=AUDIENCES,
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
