"""HTTP for looking at cases: buyer's pages, shop's queue, the market's disputes; the same for programs."""

from typing import Any, Final

from litestar import Response, get

from jishi import web
from jishi.kit.ids import CaseId, ShopId
from jishi.modules import aftersale
from jishi.modules.aftersale import RULES, CaseKind, Deed
from jishi.modules.aftersale.types import ENDED, IN_DISPUTE, PICTURES_MAX, REASONS
from jishi.modules.aftersale.types_refusals import CaseNotFound
from jishi.modules.aftersale.words import (
    CLOCK_WORDS,
    DECISIONS,
    KINDS,
    REASON_WORDS,
    REFUSAL_WORDS,
    SIDES,
    STATES,
    TONES,
    why_words,
)
from jishi.modules.fulfilment import carrier_name, common_carriers
from jishi.reads.aftersale import queries
from jishi.reads.aftersale.queries import VIEWS, Whole
from jishi.web.answer import json
from jishi.web.auth import ShopRole
from jishi.web.pages import locale_of, query_url

DECIDING: Final = frozenset({ShopRole.OWNER, ShopRole.MANAGER, ShopRole.CLERK})


@get("/aftersale")
async def get_list(request: web.AnyRequest) -> Response[Any]:
    """GET /aftersale (after): the asker's cases, newest first; 200."""
    me, after = web.signed_in(request), request.query_params.get("after")
    async with web.read(request) as tx:
        found = await queries.list_of_buyer(tx, locale_of(request), me.account_id, after)
    next_url = query_url("/aftersale", after=found.next_cursor) if found.next_cursor else ""
    return web.page(
        request, "aftersale/list.html", cards=found.items, next_url=next_url, **_words()
    )


@get("/aftersale/{case_id:str}")
async def get_case(request: web.AnyRequest) -> Response[Any]:
    """GET /aftersale/{case_id}: 200; 404 for a case of somebody else too."""
    whole = await _whole(request)
    if whole.case.buyer_id != web.signed_in(request).account_id:
        raise CaseNotFound
    return web.page(request, "aftersale/case.html", **_case_ctx(request, whole, "buyer"))


@get("/merchant/{shop_id:str}/aftersale")
async def get_queue(request: web.AnyRequest) -> Response[Any]:
    """GET /merchant/{shop_id}/aftersale (view, after): cases by deadline with counts; 200."""
    shop_id, view = _shop_id(request), _view(request)
    after = request.query_params.get("after")
    async with web.read(request) as tx:
        found = await queries.list_of_shop(tx, locale_of(request), shop_id, view, after)
        counts = await queries.counts_of_shop(tx, shop_id)
        address = await aftersale.return_address(tx, shop_id)
    here = f"/merchant/{shop_id}/aftersale"
    return web.page(
        request,
        "aftersale/queue.html",
        shop_id=shop_id,
        view=view,
        views=[(key, text, counts[key] or None) for key, (text, _states) in VIEWS.items()],
        cards=found.items,
        next_url=query_url(here, view=view, after=found.next_cursor) if found.next_cursor else "",
        is_first=not after,
        has_address=address is not None,
        may_decide=web.signed_in(request).shops.get(shop_id) in DECIDING,
        **_words(),
    )


@get("/merchant/{shop_id:str}/aftersale/{case_id:str}")
async def get_shop_case(request: web.AnyRequest) -> Response[Any]:
    """GET /merchant/{shop_id}/aftersale/{case_id}: 200; 404 for another shop's."""
    whole = await _whole(request)
    shop_id = _shop_id(request)
    if whole.case.shop_id != shop_id:
        raise CaseNotFound
    may_decide = web.signed_in(request).shops.get(shop_id) in DECIDING
    ctx = _case_ctx(request, whole, "shop")
    return web.page(
        request, "aftersale/shop_case.html", shop_id=shop_id, may_decide=may_decide, **ctx
    )


@get("/operator/disputes")
async def get_disputes(request: web.AnyRequest) -> Response[Any]:
    """GET /operator/disputes (mine, after): what waits for a ruling, the nearest deadline first; 200."""
    me, after = web.signed_in(request).account_id, request.query_params.get("after")
    mine = bool(request.query_params.get("mine"))
    async with web.read(request) as tx:
        found = await queries.list_disputes(
            tx, locale_of(request), after, mine=me if mine else None
        )
    next_url = query_url("/operator/disputes", mine=mine and "1", after=found.next_cursor)
    return web.page(
        request,
        "aftersale/disputes.html",
        cards=found.items,
        mine=mine,
        next_url=next_url if found.next_cursor else "",
        my_id=me,
        **_words(),
    )


@get("/operator/disputes/{case_id:str}")
async def get_dispute(request: web.AnyRequest) -> Response[Any]:
    """GET /operator/disputes/{case_id}: both sides' evidence and the ruling form; 200; 404."""
    whole = await _whole(request)
    ctx = _case_ctx(request, whole, "operator")
    return web.page(
        request,
        "aftersale/dispute.html",
        rules=RULES,
        is_before_market=whole.case.state in IN_DISPUTE,
        my_id=web.signed_in(request).account_id,
        **ctx,
    )


@get("/rules/aftersale")
async def get_rules(request: web.AnyRequest) -> Response[Any]:
    """GET /rules/aftersale: the rules rulings rest on, with their versions; 200."""
    return web.page(request, "aftersale/rules.html", rules=RULES)


@get("/api/v1/aftersale")
async def api_list(request: web.AnyRequest) -> Response[bytes]:
    """GET /api/v1/aftersale (cursor): 200 {"items", "next_cursor"}, the asker's cases, newest first; 422."""
    me, cursor = web.signed_in(request).account_id, request.query_params.get("cursor")
    async with web.read(request) as tx:
        found = await queries.list_of_buyer(tx, locale_of(request), me, cursor)
    return _list_json(found)


@get("/api/v1/aftersale/{case_id:str}")
async def api_case(request: web.AnyRequest) -> Response[bytes]:
    """GET /api/v1/aftersale/{case_id}: 200 the case with journal, messages, rulings, parcels; 404."""
    whole = await _whole(request)
    if whole.case.buyer_id != web.signed_in(request).account_id:
        raise CaseNotFound
    return json(queries.whole_json(whole))


@get("/api/v1/shops/{shop_id:str}/aftersale")
async def api_queue(request: web.AnyRequest) -> Response[bytes]:
    """GET /api/v1/shops/{shop_id}/aftersale (view: receive, send, buyer, disputed, ended; none: to answer;
    cursor): 200 {"items", "next_cursor"} by deadline; 422."""
    async with web.read(request) as tx:
        found = await queries.list_of_shop(
            tx,
            locale_of(request),
            _shop_id(request),
            _view(request),
            request.query_params.get("cursor"),
        )
    return _list_json(found)


@get("/api/v1/shops/{shop_id:str}/aftersale/{case_id:str}")
async def api_shop_case(request: web.AnyRequest) -> Response[bytes]:
    """GET /api/v1/shops/{shop_id}/aftersale/{case_id}: 200 the case with all that belongs to it; 404."""
    whole = await _whole(request)
    if whole.case.shop_id != _shop_id(request):
        raise CaseNotFound
    return json(queries.whole_json(whole))


@get("/api/v1/disputes")
async def api_disputes(request: web.AnyRequest) -> Response[bytes]:
    """GET /api/v1/disputes (cursor): 200 {"items", "next_cursor"} by deadline; 422."""
    async with web.read(request) as tx:
        found = await queries.list_disputes(
            tx, locale_of(request), request.query_params.get("cursor")
        )
    return _list_json(found)


@get("/api/v1/disputes/{case_id:str}")
async def api_dispute(request: web.AnyRequest) -> Response[bytes]:
    """GET /api/v1/disputes/{case_id}: 200 the case with all that belongs to it; 404."""
    return json(queries.whole_json(await _whole(request)))


async def _whole(request: web.AnyRequest) -> Whole:
    async with web.read(request) as tx:
        found = await queries.find_whole(
            tx, locale_of(request), CaseId(web.path_id(request, "case_id"))
        )
    if found is None:
        raise CaseNotFound
    return found


def _list_json(found: Any) -> Response[bytes]:
    items = [queries.card_json(card) for card in found.items]
    return json({"items": items, "next_cursor": found.next_cursor})


def _case_ctx(request: web.AnyRequest, whole: Whole, side: str) -> dict[str, Any]:
    case, locale = whole.case, locale_of(request)
    kinds = [kind for kind in CaseKind if kind is not CaseKind.PRICE or case.kind is kind]
    return {
        "whole": whole,
        "case": case,
        "card": whole.card,
        "may": {deed.name.lower() for deed in Deed if _may(deed, whole, side)},
        "kinds": [(kind, KINDS[kind]) for kind in kinds],
        "reasons": [
            (code, text)
            for code, text in REASON_WORDS.items()
            if REASONS[code].stage is case.stage or whole.goods_can_come_back
        ],
        "carriers": [(it.code, it.shown(locale)) for it in common_carriers()],
        "carrier_of": lambda code: carrier_name(code, locale),
        "pictures_max": PICTURES_MAX,
        **_words(),
    }


def _may(deed: Deed, whole: Whole, side: str) -> bool:
    """Whether the page offers a deed: what the table of deeds allows in this state."""
    sides, states = aftersale.DEEDS[deed]
    if side not in {each.value for each in sides} or whole.case.state not in states:
        return False
    if deed is Deed.APPEAL:
        return not whole.rulings or whole.rulings[-1].decision.value != side
    return True


def _words() -> dict[str, Any]:
    return {
        "state_words": STATES,
        "tones": TONES,
        "kind_words": KINDS,
        "reason_words": REASON_WORDS,
        "refusal_words": REFUSAL_WORDS,
        "clock_words": CLOCK_WORDS,
        "decision_words": DECISIONS,
        "side_words": SIDES,
        "why_words": why_words,
        "ended": ENDED,
    }


def _view(request: web.AnyRequest) -> str:
    asked = request.query_params.get("view", "")
    return asked if asked in VIEWS else ""


def _shop_id(request: web.AnyRequest) -> ShopId:
    return ShopId(web.path_id(request, "shop_id"))


routes = [
    get_list,
    get_case,
    get_queue,
    get_shop_case,
    get_disputes,
    get_dispute,
    get_rules,
    api_list,
    api_case,
    api_queue,
    api_shop_case,
    api_disputes,
    api_dispute,
]
