"""HTTP for what buyers and shops do with cases: forms of the pages, and the same deeds for programs."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec
from litestar import Response, get, post

from jishi import web
from jishi.flows.answer_aftersale import forms
from jishi.flows.answer_aftersale.flow import Asked, act_on, act_once
from jishi.flows.answer_aftersale.routes_address import routes as address_routes
from jishi.kit.errors import Forbidden, Kind, NotFound, Refusal, Refusals
from jishi.kit.ids import AccountId, CaseId, ShopId, parse_id
from jishi.kit.text import mark as _
from jishi.modules import aftersale
from jishi.modules.aftersale import DEEDS, Act, Case, Deed, Side, case_json
from jishi.modules.aftersale.types import BULK_MAX
from jishi.modules.aftersale.types_refusals import CaseNotFound, NothingChosen
from jishi.modules.media import paper_answer
from jishi.web.answer import json, redirect
from jishi.web.auth import ShopRole
from jishi.web.flash import flash
from jishi.web.i18n import translator
from jishi.web.pages import locale_of

SAY: Final = "say"
PACKING: Final = frozenset({Deed.RECEIVE, Deed.REJECT, Deed.SEND})  # what warehouse staff may do
DONE: Final[Mapping[str, str]] = {
    SAY: _("Sent."),
    "change": _("Changed. The shop has 48 hours to answer."),
    "withdraw": _("Withdrawn. The case is closed."),
    "accept": _("Accepted. The money is on its way."),
    "decline": _("Declined. The shop has 48 hours to answer."),
    "send-back": _("Noted. The shop confirms when it arrives."),
    "confirm": _("Thank you. The case is settled."),
    "escalate": _("The market looks into it. Add what proves your side within 48 hours."),
    "appeal": _("Appealed. Another operator decides."),
    "agree": _("Agreed. The buyer is told."),
    "refuse": _("Refused. The buyer is told the reason."),
    "offer": _("Offered. The buyer has 7 days to answer."),
    "receive": _("Receipt is noted."),
    "reject": _("The market looks into it. Add what proves your side within 48 hours."),
    "send": _("Sent. The buyer is told the waybill number."),
}


@post("/aftersale/{case_id:str}/{deed:str}")
async def post_deed(request: web.AnyRequest) -> Response[Any]:
    """POST /aftersale/{case_id}/{deed} (version, text, pictures …): 303 to the case."""
    back = f"/aftersale/{_case_id(request)}"
    return await _page_deed(request, Side.BUYER, back)


@post("/merchant/{shop_id:str}/aftersale/{case_id:str}/{deed:str}")
async def post_shop_deed(request: web.AnyRequest) -> Response[Any]:
    """POST /merchant/{shop_id}/aftersale/{case_id}/{deed}: 303 to the case with what became of it."""
    back = f"/merchant/{_shop_id(request)}/aftersale/{_case_id(request)}"
    return await _page_deed(request, Side.SHOP, back)


@post("/merchant/{shop_id:str}/aftersale")
async def post_agree_many(request: web.AnyRequest) -> Response[Any]:
    """POST /merchant/{shop_id}/aftersale (case_id, repeated): agree to all; 303 to the queue."""
    shop_id = _shop_id(request)
    chosen = [str(each) for each in (await request.form()).getall("case_id", [])]
    answers = await _agree_all(request, shop_id, chosen)
    refused = [each for each in answers.values() if isinstance(each, Refusal)]
    words = translator(locale_of(request))
    done = len(answers) - len(refused)
    text = words.ngettext("{n} case agreed.", "{n} cases agreed.", done)
    if refused:
        text = f"{text} {web.words(request, refused[0])}"
    answer = redirect(f"/merchant/{shop_id}/aftersale")
    return flash(answer, "warn" if refused else "ok", text)


@post("/api/v1/aftersale/{case_id:str}/{deed:str}", status_code=200)
async def api_deed(request: web.AnyRequest) -> Response[bytes]:
    """POST /api/v1/aftersale/{case_id}/{deed}: change · withdraw · accept · decline · send-back · confirm ·
    escalate · appeal · say, with version, text, kind, reason, quantity, amount_minor (send-back: the
    freight laid out, where the shop bears it; with a picture of the receipt), carrier, waybill,
    sku_id, picture_ids (or multipart with ``pictures``). 200 the case; 404; 409; 422."""
    return json(case_json(await _deed(request, Side.BUYER)))


@post("/api/v1/shops/{shop_id:str}/aftersale/{case_id:str}/{deed:str}", status_code=200)
async def api_shop_deed(request: web.AnyRequest) -> Response[bytes]:
    """POST /api/v1/shops/{shop_id}/aftersale/{case_id}/{deed}: agree · refuse (reason) · offer
    (amount_minor) · receive (condition: sellable or damaged) · reject (text) ·
    send (carrier, waybill, sku_id) · appeal · say. 200 the case; 403; 404; 409; 422."""
    return json(case_json(await _deed(request, Side.SHOP)))


class ManyBody(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    case_ids: list[str]


@post("/api/v1/shops/{shop_id:str}/aftersale/agree", status_code=200)
async def api_agree_many(request: web.AnyRequest) -> Response[bytes]:
    """POST /api/v1/shops/{shop_id}/aftersale/agree {"case_ids"}: 200 {"results"}, one per case, in order."""
    body = await web.read_json(request, ManyBody)
    answers = await _agree_all(request, _shop_id(request), body.case_ids)
    results = [
        {"case_id": text, "result": "refused", "code": it.code, "detail": web.words(request, it)}
        if isinstance(it, Refusal)
        else {"case_id": text, "result": it.state.value}
        for text, it in answers.items()
    ]
    return json({"results": results})


@post("/api/v1/aftersale/{case_id:str}/pictures")
async def api_picture(request: web.AnyRequest) -> Response[bytes]:
    """POST /api/v1/aftersale/{case_id}/pictures (multipart, ``pictures``): 201 {"picture_ids"} for a later
    deed of the same person; 404 who is no side of the case."""
    case = await seen_case(request, _case_id(request))
    kept = await forms.read_pictures(request, case.shop_id)
    return json({"picture_ids": [str(each) for each in kept]}, status=201)


@get("/aftersale/{case_id:str}/pictures/{paper_id:str}/{file:str}", include_in_schema=False)
async def get_picture(request: web.AnyRequest) -> Response[Any]:
    """GET /aftersale/{case_id}/pictures/{paper_id}/{480}.webp: 200 to the case's sides and operators; 404."""
    case = await seen_case(request, _case_id(request))
    async with web.read(request) as tx:
        is_shown = await aftersale.is_shown_in(tx, case.id, web.path_id(request, "paper_id"))
    if not is_shown:
        raise NotFound
    return await paper_answer(request, case.shop_id)


async def seen_case(request: web.AnyRequest, case_id: CaseId) -> Case:
    """The case for one of its sides or an operator. Raises CaseNotFound for everybody else."""
    me = web.signed_in(request)
    async with web.read(request) as tx:
        case = await aftersale.find_case(tx, case_id)
    if case is None or not (
        case.buyer_id == me.account_id or case.shop_id in me.shops or me.is_operator
    ):
        raise CaseNotFound
    return case


async def _page_deed(request: web.AnyRequest, side: Side, back: str) -> Response[Any]:
    """Back to the case. One that has moved on says so there; one of others is not found."""
    try:
        await _deed(request, side)
    except (Refusal, Refusals) as problem:
        first = problem.items[0] if isinstance(problem, Refusals) else problem
        if first.kind is Kind.NOT_FOUND:
            raise
        return flash(redirect(back), "bad", web.words(request, first))
    said = DONE[str(request.path_params["deed"])]
    return flash(redirect(back), "ok", translator(locale_of(request))(said))


async def _deed(request: web.AnyRequest, side: Side) -> Case:
    name = str(request.path_params["deed"])
    if name != SAY and (name not in set(Deed) or side not in DEEDS[Deed(name)][0]):
        raise NotFound
    case = await _own_case(request, side)
    body = await forms.read_body(request)
    pictures = await forms.read_pictures(request, case.shop_id, body.picture_ids)
    if name == SAY:
        return await _say(request, side, case, forms.read_text(body), pictures)
    act = forms.act_of(request, Deed(name), side, case, body, pictures)
    whose: dict[str, Any] = (
        {"buyer_id": case.buyer_id} if side is Side.BUYER else {"shop_id": case.shop_id}
    )
    async with web.transaction(request) as tx:
        return await act_once(
            tx,
            Asked(case_id=case.id, act=act, **whose),
            web.ids(request),
            confirm_after=forms.confirm_after(request),
            pictures=pictures,
        )


async def _say(
    request: web.AnyRequest, side: Side, case: Case, text: str, pictures: list[int]
) -> Case:
    me, at = web.signed_in(request).account_id, web.now(request)
    async with web.transaction(request) as tx:
        await aftersale.say(tx, case, side, me, text, pictures, at=at)
    return case


async def _own_case(request: web.AnyRequest, side: Side) -> Case:
    """The case of the path, when it is the asker's. Raises CaseNotFound; Forbidden by role."""
    me = web.signed_in(request)
    async with web.read(request) as tx:
        case = await aftersale.find_case(tx, _case_id(request))
    if case is None:
        raise CaseNotFound
    if side is Side.BUYER:
        if case.buyer_id != AccountId(me.account_id):
            raise CaseNotFound
        return case
    if case.shop_id != _shop_id(request):
        raise CaseNotFound
    name = str(request.path_params["deed"])
    if me.shops.get(case.shop_id) is ShopRole.WAREHOUSE and name not in {*PACKING, SAY}:
        raise Forbidden
    return case


async def _agree_all(
    request: web.AnyRequest, shop_id: ShopId, texts: list[str]
) -> dict[str, Case | Refusal]:
    """What became of each case named, in order. Raises NothingChosen."""
    ids = {text: parse_id(text) for text in dict.fromkeys(texts[:BULK_MAX])}
    if not ids:
        raise NothingChosen(field="case_id")
    me = web.signed_in(request).account_id
    act = Act(deed=Deed.AGREE, side=Side.SHOP, at=web.now(request), account_id=me)
    batch = [Asked(case_id=CaseId(each or 0), act=act, shop_id=shop_id) for each in ids.values()]
    async with web.transaction(request) as tx:
        answers = await act_on(
            tx, batch, web.ids(request), confirm_after=forms.confirm_after(request)
        )
    return dict(zip(ids, answers, strict=True))


def _case_id(request: web.AnyRequest) -> CaseId:
    return CaseId(web.path_id(request, "case_id"))


def _shop_id(request: web.AnyRequest) -> ShopId:
    return ShopId(web.path_id(request, "shop_id"))


routes = [
    post_deed,
    post_shop_deed,
    post_agree_many,
    api_deed,
    api_shop_deed,
    api_agree_many,
    api_picture,
    get_picture,
    *address_routes,
]
