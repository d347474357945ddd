"""HTTP for audits: the operators' queue, and the history of a product for its shop."""

from typing import Any, Final

import msgspec
from litestar import Response, get, post

from jishi import web
from jishi.flows.audit_products import flow, queries, routes_history, routes_rules, shown
from jishi.flows.audit_products.types import NothingChosen, TooManyChosen
from jishi.kit.errors import Refusal, Refusals
from jishi.kit.ids import parse_id
from jishi.kit.paging import PAGE_SIZE
from jishi.kit.pictures import picture_src
from jishi.kit.text import mark as _
from jishi.modules.catalogue import audits
from jishi.web.answer import redirect
from jishi.web.flash import flash
from jishi.web.i18n import translator
from jishi.web.pages import locale_of

QUEUE: Final = "/operator/audits"
MANY_MAX: Final = 50
CLAIMED: Final = _("Yours for four hours.")
APPROVED: Final = _("Approved.")
SENT_BACK: Final = _("Sent back.")
BULK_APPROVED: Final = (_("{n} audit approved."), _("{n} audits approved."))
BULK_LEFT: Final = _("{n} stayed as they were: {why}")


class DecideForm(msgspec.Struct, kw_only=True):
    """``reason``: ``field:code`` for each field that comes back."""

    do: str = ""
    reason: list[str] = msgspec.field(default_factory=list)
    note: str = ""


class ManyForm(msgspec.Struct, kw_only=True):
    audit_id: list[str] = msgspec.field(default_factory=list)


@get(QUEUE)
async def get_queue(request: web.AnyRequest) -> Response[Any]:
    """GET /operator/audits (view=decided, after): what waits, the oldest first; 200."""
    decided = request.query_params.get("view") == "decided"
    asked = queries.list_decided if decided else queries.list_queue
    async with web.read(request) as tx:
        found = await asked(tx, cursor=request.query_params.get("after"), size=PAGE_SIZE)
    rows = [
        (row, [shown.finding(request, it) for it in row["findings"]], picture_src(row["picture"]))
        for row in found.items
    ]
    return web.page(
        request,
        "audit_products/queue.html",
        rows=rows,
        next_cursor=found.next_cursor,
        decided=decided,
    )


@get(QUEUE + "/{audit_id:str}")
async def get_audit(request: web.AnyRequest) -> Response[Any]:
    """GET /operator/audits/{audit_id}: the former beside the new; 200, 404."""
    return await _page(request)


@post(QUEUE + "/{audit_id:str}/claim")
async def post_claim(request: web.AnyRequest) -> Response[Any]:
    """POST …/claim: 303; a refusal is told on the page."""
    case_id = web.path_id(request, "audit_id")
    path = f"{QUEUE}/{case_id}"
    try:
        async with web.transaction(request) as tx:
            await flow.claim_case(
                tx,
                case_id,
                operator_id=web.signed_in(request).account_id,
                now=web.now(request),
            )
    except Refusal as problem:
        return flash(redirect(path), "bad", web.words(request, problem))
    return _told(request, path, CLAIMED)


@post(QUEUE + "/{audit_id:str}/decide")
async def post_decide(request: web.AnyRequest) -> Response[Any]:
    """POST …/decide (do=approve|send_back, reason=field:code …, note): 303; 409, 422 the page."""
    form = await web.read_form(request, DecideForm)
    approve = form.do == "approve"
    parts = [it.partition(":") for it in form.reason if it]
    try:
        async with web.transaction(request) as tx:
            await flow.decide_case(
                tx,
                web.path_id(request, "audit_id"),
                approve=approve,
                reasons=[] if approve else [{"field": it[0], "code": it[2]} for it in parts],
                note=form.note,
                operator_id=web.signed_in(request).account_id,
                ids=web.ids(request),
                now=web.now(request),
            )
    except audits.AuditNotFound:
        raise
    except (Refusal, Refusals) as problem:
        return await _page(request, problem, form)
    return _told(request, QUEUE, APPROVED if approve else SENT_BACK)


@post(QUEUE + "/approve")
async def post_many(request: web.AnyRequest) -> Response[Any]:
    """POST …/approve (audit_id …, at most 50): 303, telling how many and why not the others."""
    form = await web.read_form(request, ManyForm)
    ids = [it for it in map(parse_id, dict.fromkeys(form.audit_id)) if it]
    try:
        if not ids:
            raise NothingChosen
        if len(ids) > MANY_MAX:
            raise TooManyChosen(limit=MANY_MAX, count=len(ids))
    except Refusal as problem:
        return flash(redirect(QUEUE), "warn", web.words(request, problem))
    reasons: dict[str, None] = {}
    good = 0
    for case_id in sorted(ids):  # each stands or falls by itself
        try:
            async with web.transaction(request) as tx:
                await flow.decide_case(
                    tx,
                    case_id,
                    approve=True,
                    operator_id=web.signed_in(request).account_id,
                    ids=web.ids(request),
                    now=web.now(request),
                )
            good += 1
        except Refusal as problem:
            reasons[web.words(request, problem)] = None
        except Refusals as problems:
            reasons[web.words(request, problems.items[0])] = None
    words = translator(locale_of(request))
    texts = [words.ngettext(*BULK_APPROVED, good)] if good else []
    if good < len(ids):
        why = " ".join(list(reasons)[:3])
        texts.append(words.gettext(BULK_LEFT, n=len(ids) - good, why=why))
    return flash(redirect(QUEUE), "ok" if good == len(ids) else "warn", " ".join(texts))


async def _page(
    request: web.AnyRequest,
    problem: Refusal | Refusals | None = None,
    form: DecideForm | None = None,
) -> Response[Any]:
    case_id = web.path_id(request, "audit_id")
    async with web.read(request) as tx:
        row = await audits.get_case(tx, case_id)
        names = await queries.names_of(tx, row["shop_id"], row["claimed_by"])
    me = web.signed_in(request).account_id
    return web.page(
        request,
        "audit_products/audit.html",
        status=web.status_of(problem) if problem else 200,
        it=shown.case(request, row),
        names=names,
        sides=shown.sides(request, row["former"], row["target"]),
        is_mine=row["claimed_by"] == me,
        form=form or DecideForm(),
        errors=web.field_errors(request, problem) if problem else {},
        reasons=audits.REASON_WORDS,
        fields={it: shown.FIELD_WORDS[it] for it in audits.REASON_FIELDS},
    )


def _told(request: web.AnyRequest, path: str, text: str) -> Response[Any]:
    return flash(redirect(path), "ok", translator(locale_of(request)).gettext(text))


routes = [
    get_queue,
    post_many,
    *routes_rules.routes,
    get_audit,
    post_claim,
    post_decide,
    *routes_history.routes,
]
