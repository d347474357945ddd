"""HTTP for operators: take up a dispute, say something, rule."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec
from litestar import Response, post

from jishi import web
from jishi.flows.answer_aftersale.forms import confirm_after, read_amount
from jishi.flows.rule_dispute.flow import claim, let_go, rule
from jishi.kit.errors import FieldInvalid, Kind, NotFound, Refusal, Refusals
from jishi.kit.ids import CaseId
from jishi.kit.text import clean_lines
from jishi.kit.text import mark as _
from jishi.modules import aftersale
from jishi.modules.aftersale import Case, Decision, RulingAsked, Side, case_json
from jishi.modules.aftersale.types_refusals import CaseNotFound
from jishi.web.answer import json, redirect
from jishi.web.flash import flash
from jishi.web.i18n import translator
from jishi.web.pages import locale_of

DONE: Final[Mapping[str, str]] = {
    "claim": _("Yours for four hours."),
    "let-go": _("Left to the others."),
    "say": _("Sent to both sides."),
    "rule": _("Ruled. Both sides are told."),
}


class RuleBody(msgspec.Struct, kw_only=True):
    """``amount`` is a plain decimal of a form; ``goods_back`` any value but empty for yes."""

    version: int | None = None
    decision: str = ""
    amount: str = ""
    amount_minor: int | None = None
    goods_back: bool = False
    rule_code: str = ""
    reasons: str = ""
    text: str = ""


@post("/operator/disputes/{case_id:str}/{deed:str}")
async def post_deed(request: web.AnyRequest) -> Response[Any]:
    """POST /operator/disputes/{case_id}/{claim|let-go|say|rule}: 303 to the case with what became of it."""
    back = redirect(f"/operator/disputes/{web.path_id(request, 'case_id')}")
    try:
        await _deed(request, await web.read_form(request, RuleBody))
    except (Refusal, Refusals) as problem:
        first = problem.items[0] if isinstance(problem, Refusals) else problem
        if first.kind is Kind.NOT_FOUND:
            raise
        return flash(back, "bad", web.words(request, first))
    said = DONE[str(request.path_params["deed"])]
    return flash(back, "ok", translator(locale_of(request))(said))


@post("/api/v1/disputes/{case_id:str}/{deed:str}", status_code=200)
async def api_deed(request: web.AnyRequest) -> Response[bytes]:
    """POST /api/v1/disputes/{case_id}/{deed}: claim · let-go · say (text) · rule (decision: buyer, part,
    shop; amount_minor of a part; goods_back; rule_code; reasons; version). 200 the case; 403; 404; 409;
    422."""
    return json(case_json(await _deed(request, await web.read_json(request, RuleBody))))


async def _deed(request: web.AnyRequest, body: RuleBody) -> Case:
    deed, case_id = str(request.path_params["deed"]), CaseId(web.path_id(request, "case_id"))
    me, now = web.signed_in(request).account_id, web.now(request)
    if deed not in DONE:
        raise NotFound
    async with web.transaction(request) as tx:
        if deed == "claim":
            return await claim(tx, case_id, me, now=now)
        if deed == "let-go":
            return await let_go(tx, case_id, me, now=now)
        if deed == "rule":
            return await rule(
                tx,
                case_id,
                _asked(request, body),
                maker=web.ids(request),
                now=now,
                confirm_after=confirm_after(request),
                version=body.version,
            )
        case = await aftersale.find_case(tx, case_id)
        if case is None:
            raise CaseNotFound
        text = clean_lines(body.text)
        await aftersale.say(tx, case, Side.OPERATOR, me, text, (), at=now)
        return case


def _asked(request: web.AnyRequest, body: RuleBody) -> RulingAsked:
    if body.decision not in set(Decision):
        raise FieldInvalid(field="decision", detail="buyer · part · shop")
    return RulingAsked(
        operator_id=web.signed_in(request).account_id,
        decision=Decision(body.decision),
        amount_minor=read_amount(request, body.amount, body.amount_minor),
        goods_back=body.goods_back,
        rule_code=body.rule_code,
        reasons=clean_lines(body.reasons),
    )


routes = [post_deed, api_deed]
