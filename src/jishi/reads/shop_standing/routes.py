"""Pages about a shop's standing: of the shop, of operators, of buyers, and the published rules."""

from typing import Any, Final

from litestar import Response, get

from jishi import web
from jishi.kit.errors import NotFound
from jishi.kit.ids import ShopId
from jishi.kit.paging import PAGE_SIZE
from jishi.kit.pictures import picture_src
from jishi.modules import deposits, penalties, qualifications, scores, shops
from jishi.modules.orders import OrderState
from jishi.modules.penalties import CaseId, CaseState
from jishi.modules.penalties.types import CaseNotFound
from jishi.modules.penalties.words import RULE_TEXTS
from jishi.modules.qualifications import QualificationState
from jishi.modules.scores.rules import (
    CYCLE,
    FIGURES,
    FORMULA,
    NEW_SHOP_DAYS,
    PERSON_DAYS,
    PRIOR_ORDERS,
)
from jishi.modules.shops import ShopState, shop_here
from jishi.reads.shop_standing import queries
from jishi.web.pages import locale_of

STANDING: Final = "/merchant/{shop_id:str}/standing"
CASES: Final = "/operator/violations"
BY_CODE: Final = {it.code: it for it in FIGURES}
VIEWS: Final = {
    "announced": (CaseState.ANNOUNCED,),
    "in_force": (CaseState.IN_FORCE, CaseState.FINAL),
    "ended": (CaseState.DROPPED, CaseState.LAPSED, CaseState.REVERSED),
}


@get(STANDING)
async def get_standing(request: web.AnyRequest) -> Response[Any]:
    """GET …/standing (after): score, what stands against the shop, its cases; 200."""
    here, now = shop_here(request), web.now(request)
    cursor = request.query_params.get("after")
    async with web.read(request) as tx:
        shop = await shops.get_shop(tx, here.id)
        days = await scores.history(tx, here.id)
        cases = await queries.cases_of_shop(tx, here.id, cursor=cursor, size=PAGE_SIZE)
        points = await penalties.points_of_shop(tx, here.id, now=now)
        holds = await shops.holds_of_shop(tx, here.id)
        held = await deposits.deposit_of(tx, here.id)
    newest = days[0] if days else None
    return web.page(
        request,
        "shop_standing/standing.html",
        shop=here,
        row=shop,
        days=list(reversed(days)),
        newest=newest,
        figures=FIGURES,
        cases=cases,
        points=points,
        holds=holds,
        held=held,
        cycle_days=scores.settlement_days(newest.score if newest else None, shop.kind),
        **_words(),
    )


@get(STANDING + "/figures/{figure:str}")
async def get_figure(request: web.AnyRequest) -> Response[Any]:
    """GET …/standing/figures/{figure} (view=all, after): the orders it counts; 200, 404."""
    here = shop_here(request)
    figure = BY_CODE.get(str(request.path_params["figure"]))
    if figure is None:
        raise NotFound
    only_bad = request.query_params.get("view") != "all"
    async with web.read(request) as tx:
        newest = await scores.newest(tx, here.id)
        if newest is None:
            raise NotFound
        orders = await queries.orders_of_figure(
            tx,
            here.id,
            figure.code,
            newest.day,
            zone=web.settings(request).zone,
            only_bad=only_bad,
            cursor=request.query_params.get("after"),
            size=PAGE_SIZE,
        )
    return web.page(
        request,
        "shop_standing/figure.html",
        shop=here,
        figure=figure,
        its=newest.figures.get(figure.code),
        day_shown=newest.day,
        orders=orders,
        only_bad=only_bad,
        prior=PRIOR_ORDERS,
        state_code=lambda state: OrderState(state).code,
    )


@get(STANDING + "/cases/{case_id:str}")
async def get_case(request: web.AnyRequest) -> Response[Any]:
    """GET …/standing/cases/{case_id}: 200, 404."""
    here = shop_here(request)
    return await _case_page(request, "shop_standing/case.html", here.id, shop=here)


@get(CASES)
async def get_cases(request: web.AnyRequest) -> Response[Any]:
    """GET /operator/violations (view, after): what waits for a ruling, or all of a kind; 200."""
    view = request.query_params.get("view", "")
    view = view if view in VIEWS else ""  # what waits
    async with web.read(request) as tx:
        cursor = request.query_params.get("after")
        found = (
            await queries.cases_in(tx, VIEWS[view], cursor=cursor, size=PAGE_SIZE)
            if view
            else await queries.cases_waiting(tx, cursor=cursor, size=PAGE_SIZE)
        )
    return web.page(request, "shop_standing/cases.html", cases=found, view=view, **_words())


@get(CASES + "/{case_id:str}")
async def get_operator_case(request: web.AnyRequest) -> Response[Any]:
    """GET /operator/violations/{case_id}: with what the operator may do now; 200, 404."""
    me = web.signed_in(request).account_id
    return await _case_page(request, "shop_standing/operator_case.html", None, my_id=me)


@get("/s/{shop_id:str}/about")
async def get_about(request: web.AnyRequest) -> Response[Any]:
    """GET /s/{shop_id}/about: who is behind a shop, for buyers; 200, 404 as the shop itself."""
    shop_id, locale = ShopId(web.path_id(request, "shop_id")), locale_of(request)
    async with web.read(request) as tx:
        shop = await shops.get_shop(tx, shop_id)
        if shop.state in (ShopState.PREPARING, ShopState.CLOSED):
            raise NotFound
        held = await qualifications.of_shop(tx, shop_id)
        kinds = await qualifications.list_kinds(tx)
        newest = await scores.newest(tx, shop_id)
        deposit = await deposits.deposit_of(tx, shop_id)
    today = qualifications.permit_day(web.now(request))
    names = {it.code: it.name_zh if locale == "zh-CN" else it.name_en for it in kinds}
    valid = [it for it in held if it.state is QualificationState.APPROVED and it.is_valid(today)]
    return web.page(
        request,
        "shop_standing/about.html",
        row=shop,
        image=picture_src(shop.logo, 160),
        permits=[(names[it.kind], it.number, it.valid_until) for it in valid],
        newest=newest,
        figures=FIGURES,
        deposit_minor=deposit.held_minor,
    )


@get("/rules")
async def get_rules(request: web.AnyRequest) -> Response[Any]:
    """GET /rules: every version of every rule for shops; 200."""
    async with web.read(request) as tx:
        rules = await penalties.list_rules(tx)
    return web.page(request, "shop_standing/rules.html", rules=rules, texts=RULE_TEXTS, **_words())


@get("/rules/score")
async def get_score_rule(request: web.AnyRequest) -> Response[Any]:
    """GET /rules/score: the formula of the score and the settlement cycle; 200."""
    return web.page(
        request,
        "shop_standing/score_rule.html",
        figures=FIGURES,
        formula=FORMULA,
        prior=PRIOR_ORDERS,
        cycle=CYCLE,
        new_days=NEW_SHOP_DAYS,
        person_days=PERSON_DAYS,
    )


async def _case_page(
    request: web.AnyRequest, template: str, shop_id: ShopId | None, **ctx: Any
) -> Response[Any]:
    case_id = CaseId(web.path_id(request, "case_id"))
    async with web.read(request) as tx:
        case = await penalties.get_case(tx, case_id)
        if shop_id is not None and case.shop_id != shop_id:
            raise CaseNotFound
        evidence, steps = await queries.case_parts(tx, case_id)
        row = await shops.get_shop(tx, case.shop_id)
        (rule,) = await penalties.list_rules(tx, case.rule_code, case.rule_version)
    text = RULE_TEXTS.get((rule.code, rule.version), "")
    facts: dict[str, Any] = {
        "case": case,
        "evidence": evidence,
        "steps": steps,
        "row": row,
        "rule": rule,
    }
    return web.page(request, template, rule_text=text, **facts, **_words(), **ctx)


def _words() -> dict[str, Any]:
    return {"states": penalties.STATE_WORDS, "kind_words": penalties.KIND_WORDS}


routes = [
    get_standing,
    get_figure,
    get_case,
    get_cases,
    get_operator_case,
    get_about,
    get_rules,
    get_score_rule,
]
