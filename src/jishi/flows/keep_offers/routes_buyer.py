"""HTTP for people: claim coupons, see one's own, become a member of a shop."""

from typing import Any, Final

import msgspec
from litestar import Response, get, post

from jishi import web
from jishi.kit.errors import NotFound, Refusal
from jishi.kit.ids import ShopId, parse_id
from jishi.kit.text import mark as _
from jishi.modules import pricing
from jishi.modules.pricing import Held, Offered, Pile, coupon_text
from jishi.web.answer import json, redirect
from jishi.web.flash import flash
from jishi.web.i18n import translator
from jishi.web.pages import locale_of, query_url

CLAIMED: Final = _("Coupon claimed. It waits for you at the checkout.")
JOINED: Final = _("You are a member of this shop now. Member prices are yours.")
LEFT: Final = _("You are no longer a member of this shop.")
SHOP_NAMES: Final = """
SELECT s.id, s.name, s.name_en FROM unnest($1::bigint[]) w(id)
JOIN shop s ON s.cell = cell_of(w.id) AND s.id = w.id
"""
SHOP_EXISTS: Final = (
    "SELECT EXISTS (SELECT FROM shop WHERE cell = cell_of($1) AND id = $1 AND state <> 'closed')"
)


class CodeForm(msgspec.Struct, kw_only=True):
    code: str = ""


class ClaimBody(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """One of the two."""

    coupon_id: web.Id | None = None
    code: str = ""


@get("/me/coupons")
async def get_mine(request: web.AnyRequest) -> Response[Any]:
    """GET /me/coupons (pile, after): 200 one's coupons: usable, used or expired ones."""
    return await _mine_page(request)


@post("/me/coupons")
async def post_code(request: web.AnyRequest) -> Response[Any]:
    """POST /me/coupons (code): 303 to one's coupons; 404, 409, 422 the page with what stands against."""
    form = await web.read_form(request, CodeForm)
    me = web.signed_in(request).account_id
    try:
        async with web.transaction(request) as tx:
            await pricing.claim_by_code(
                tx, web.ids(request), form.code, buyer_id=me, now=web.now(request)
            )
    except Refusal as refusal:
        return await _mine_page(request, problem=refusal, code=form.code)
    return flash(redirect("/me/coupons"), "ok", translator(locale_of(request))(CLAIMED))


@post("/coupons/{coupon_id:str}/claim")
async def post_claim(request: web.AnyRequest) -> Response[Any]:
    """POST /coupons/{coupon_id}/claim (back): 303 to where it was claimed, with what became of it."""
    back = str((await request.form()).get("back", ""))
    target = back if back.startswith("/") and not back.startswith("//") else "/me/coupons"
    me, words = web.signed_in(request).account_id, translator(locale_of(request))
    try:
        async with web.transaction(request) as tx:
            await pricing.claim_coupon(
                tx,
                web.ids(request),
                web.path_id(request, "coupon_id"),
                buyer_id=me,
                now=web.now(request),
            )
    except Refusal as refusal:
        return flash(redirect(target), "bad", web.words(request, refusal))
    return flash(redirect(target), "ok", words(CLAIMED))


@post("/s/{shop_id:str}/membership")
async def post_membership(request: web.AnyRequest) -> Response[Any]:
    """POST /s/{shop_id}/membership (leave): 303 to the shop, a member or no longer one; 404."""
    shop_id = ShopId(web.path_id(request, "shop_id"))
    leaving = bool((await request.form()).get("leave"))
    me = web.signed_in(request).account_id
    async with web.transaction(request) as tx:
        if not await tx.fetchval(SHOP_EXISTS, shop_id):
            raise NotFound
        if leaving:
            await pricing.leave_shop(tx, me, shop_id)
        else:
            await pricing.join_shop(tx, me, shop_id, now=web.now(request))
    told = translator(locale_of(request))(LEFT if leaving else JOINED)
    return flash(redirect(f"/s/{shop_id}"), "ok", told)


@get("/api/v1/me/coupons")
async def api_mine(request: web.AnyRequest) -> Response[bytes]:
    """GET /api/v1/me/coupons (pile, cursor): 200 {"items", "next_cursor"}."""
    asked = request.query_params
    async with web.read(request) as tx:
        page = await pricing.my_coupons(
            tx,
            web.signed_in(request).account_id,
            _pile(asked.get("pile", "")),
            asked.get("cursor"),
            now=web.now(request),
        )
    return json({"items": [_held(it) for it in page.items], "next_cursor": page.next_cursor})


@post("/api/v1/me/coupons", status_code=201)
async def api_claim(request: web.AnyRequest) -> Response[bytes]:
    """POST /api/v1/me/coupons {coupon_id | code}: 201 {"id"}; 404 none such; 409 soon, gone, enough;
    422 no code, or none that could be one."""
    body = await web.read_json(request, ClaimBody)
    me, maker, now = web.signed_in(request).account_id, web.ids(request), web.now(request)
    async with web.transaction(request) as tx:
        if body.coupon_id is not None:
            found = await pricing.claim_coupon(
                tx, maker, body.coupon_id, buyer_id=me, now=now, code=body.code
            )
        else:
            found = await pricing.claim_by_code(tx, maker, body.code, buyer_id=me, now=now)
    return json({"id": str(found)}, status=201)


@get("/api/v1/coupons")
async def api_offered(request: web.AnyRequest) -> Response[bytes]:
    """GET /api/v1/coupons (shop_id): 200 what can be claimed now, of a shop and of the market."""
    shop_id = parse_id(request.query_params.get("shop_id", ""))
    identity = web.identity(request)
    async with web.read(request) as tx:
        found = await pricing.offered_coupons(
            tx,
            [ShopId(shop_id)] if shop_id else [],
            buyer_id=identity.account_id if identity else None,
            now=web.now(request),
        )
    return json({"items": [_offered(it) for it in found]})


async def _mine_page(
    request: web.AnyRequest, *, problem: Refusal | None = None, code: str = ""
) -> Response[Any]:
    asked, me = request.query_params, web.signed_in(request).account_id
    pile, locale = _pile(asked.get("pile", "")), locale_of(request)
    async with web.read(request) as tx:
        page = await pricing.my_coupons(tx, me, pile, asked.get("after"), now=web.now(request))
        shops = {it.terms.shop_id for it in page.items} - {None}
        rows = await tx.fetch(SHOP_NAMES, list(shops)) if shops else []
        market = await pricing.offered_coupons(tx, [], buyer_id=me, now=web.now(request))
    column = "name_en" if locale == "en" else "name"
    return web.page(
        request,
        "keep_offers/mine.html",
        status=web.status_of(problem) if problem else 200,
        items=page.items,
        next_url=query_url("/me/coupons", pile=pile, after=page.next_cursor)
        if page.next_cursor
        else "",
        pile=str(pile),
        names={row["id"]: row[column] or row["name"] for row in rows},
        offered=[it for it in market if it.may_claim],
        error=web.words(request, problem) if problem else "",
        code=code,
        coupon_text=coupon_text,
        words=translator(locale),
    )


def _pile(text: str) -> Pile:
    return Pile(text) if text in set(Pile) else Pile.USABLE


def _held(held: Held) -> dict[str, Any]:
    return {
        "id": str(held.id),
        **_terms(held.terms),
        "valid_from": held.valid_from,
        "valid_until": held.valid_until,
        "used_at": held.used_at,
    }


def _offered(offered: Offered) -> dict[str, Any]:
    return {
        **_terms(offered.terms),
        "claim_until": offered.claim_until,
        "per_person": offered.per_person,
        "claimed_by_me": offered.mine,
        "is_gone": offered.is_gone,
    }


def _terms(terms: pricing.Terms) -> dict[str, Any]:
    return {
        "coupon_id": str(terms.coupon_id),
        "title": terms.title,
        "payer": terms.payer,
        "benefit": terms.benefit,
        "shop_id": str(terms.shop_id) if terms.shop_id else None,
        "amount_minor": terms.amount_minor,
        "rate_bp": terms.rate_bp,
        "cap_minor": terms.cap_minor,
        "threshold_minor": terms.threshold_minor,
        "scope": terms.scope,
        "scope_ids": [str(each) for each in sorted(terms.scope_ids)],
        "audience": terms.audience,
        "is_exclusive": terms.is_exclusive,
    }


routes = [get_mine, post_code, post_claim, post_membership, api_mine, api_claim, api_offered]
