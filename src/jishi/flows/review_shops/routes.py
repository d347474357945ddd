"""HTTP for the operators' queue: applications and permits."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Final

import msgspec
from litestar import Response, get, post

from jishi import web
from jishi.flows.review_shops import flow
from jishi.kit.errors import Refusal, Refusals
from jishi.kit.paging import PAGE_SIZE
from jishi.kit.text import mark as _
from jishi.modules import media, qualifications, shops
from jishi.modules.qualifications import QualificationId
from jishi.modules.shops import ApplicationId
from jishi.modules.shops.rules_applications import FIELDS
from jishi.modules.shops.types_applications import REASONS
from jishi.web.answer import redirect
from jishi.web.flash import flash
from jishi.web.i18n import translator
from jishi.web.pages import locale_of

QUEUE: Final = "/operator/applications"
PERMITS: Final = "/operator/permits"
CLAIMED: Final = _("Yours for four hours.")
APPROVED: Final = _("Approved.")
SENT_BACK: Final = _("Sent back.")


class DecideForm(msgspec.Struct, kw_only=True):
    """``reason``: ``field:code`` for each field that comes back; of a permit just the code."""

    do: str = ""
    reason: list[str] = msgspec.field(default_factory=list)
    note: str = ""


@get(QUEUE)
async def get_queue(request: web.AnyRequest) -> Response[Any]:
    """GET /operator/applications (view=decided, after): what waits, oldest first; 200."""
    decided = request.query_params.get("view") == "decided"
    cursor = request.query_params.get("after")
    asked = flow.list_decided if decided else flow.list_queue
    async with web.read(request) as tx:
        found = await asked(tx, cursor=cursor, size=PAGE_SIZE)
        kinds = await qualifications.list_kinds(tx)
    return web.page(
        request,
        "review_shops/queue.html",
        found=found,
        decided=decided,
        permits=_names(request, kinds),
    )


@get(QUEUE + "/{application_id:str}")
async def get_application(request: web.AnyRequest) -> Response[Any]:
    """GET /operator/applications/{application_id}: papers, remarks, the decision; 200, 404."""
    return await _application_page(request)


@post(QUEUE + "/{application_id:str}/claim")
async def post_claim(request: web.AnyRequest) -> Response[Any]:
    """POST …/claim: 303; a refusal is told on the page."""
    application_id = ApplicationId(web.path_id(request, "application_id"))
    claim = partial(flow.claim_application, application_id=application_id)
    return await _claimed(request, f"{QUEUE}/{application_id}", claim)


@post(QUEUE + "/{application_id:str}/decide")
async def post_decide(request: web.AnyRequest) -> Response[Any]:
    """POST …/decide (do=approve|send_back, reason=field:code …, note): 303; 409, 422 the page."""
    application_id = ApplicationId(web.path_id(request, "application_id"))
    form = await web.read_form(request, DecideForm)
    approve = form.do == "approve"
    parts = [it.partition(":") for it in form.reason if it]
    reasons = [] if approve else [{"field": it[0], "code": it[2]} for it in parts]
    try:
        async with web.transaction(request) as tx:
            await flow.decide_application(
                tx,
                application_id,
                approve=approve,
                reasons=reasons,
                note=form.note,
                operator_id=web.signed_in(request).account_id,
                now=web.now(request),
            )
    except (Refusal, Refusals) as problem:
        return await _application_page(request, problem, form)
    return _told(request, QUEUE, APPROVED if approve else SENT_BACK)


@get(PERMITS + "/{permit_id:str}")
async def get_permit(request: web.AnyRequest) -> Response[Any]:
    """GET /operator/permits/{permit_id}: 200, 404."""
    return await _permit_page(request)


@post(PERMITS + "/{permit_id:str}/claim")
async def post_permit_claim(request: web.AnyRequest) -> Response[Any]:
    """POST …/claim: 303; a refusal is told on the page."""
    permit_id = QualificationId(web.path_id(request, "permit_id"))
    claim = partial(flow.claim_permit, permit_id=permit_id)
    return await _claimed(request, f"{PERMITS}/{permit_id}", claim)


@post(PERMITS + "/{permit_id:str}/decide")
async def post_permit_decide(request: web.AnyRequest) -> Response[Any]:
    """POST …/decide (do, reason, note): 303; 409, 422 the page."""
    permit_id = QualificationId(web.path_id(request, "permit_id"))
    form = await web.read_form(request, DecideForm)
    approve = form.do == "approve"
    try:
        async with web.transaction(request) as tx:
            await flow.decide_permit(
                tx,
                permit_id,
                approve=approve,
                reason=next((it for it in form.reason if it), ""),
                note=form.note,
                operator_id=web.signed_in(request).account_id,
                now=web.now(request),
            )
    except (Refusal, Refusals) as problem:
        return await _permit_page(request, problem, form)
    return _told(request, QUEUE, APPROVED if approve else SENT_BACK)


@get("/operator/papers/{paper_id:str}/{file:str}")
async def get_paper(request: web.AnyRequest) -> Response[Any]:
    """GET /operator/papers/{paper_id}/{160|480|960|1920}.webp: a paper of any shop; 200, 404."""
    return await media.paper_answer(request, None)


async def _claimed(
    request: web.AnyRequest, path: str, claim: Callable[..., Awaitable[None]]
) -> Response[Any]:
    me, now = web.signed_in(request).account_id, web.now(request)
    try:
        async with web.transaction(request) as tx:
            await claim(tx, operator_id=me, now=now)
    except Refusal as problem:
        return flash(redirect(path), "bad", web.words(request, problem))
    return _told(request, path, CLAIMED)


async def _application_page(
    request: web.AnyRequest,
    problem: Refusal | Refusals | None = None,
    form: DecideForm | None = None,
) -> Response[Any]:
    application_id = ApplicationId(web.path_id(request, "application_id"))
    async with web.read(request) as tx:
        found = await shops.get_application(tx, application_id)
        shop = await shops.get_shop(tx, found.shop_id)
    return web.page(
        request,
        "review_shops/application.html",
        status=web.status_of(problem) if problem else 200,
        it=found,
        row=shop,
        fields=FIELDS[found.papers.kind],
        reasons=REASONS,
        form=form or DecideForm(),
        is_mine=found.claimed_by == web.signed_in(request).account_id,
        errors=web.field_errors(request, problem) if problem else {},
    )


async def _permit_page(
    request: web.AnyRequest,
    problem: Refusal | Refusals | None = None,
    form: DecideForm | None = None,
) -> Response[Any]:
    async with web.read(request) as tx:
        found = await qualifications.get_qualification(
            tx, QualificationId(web.path_id(request, "permit_id"))
        )
        shop = await shops.get_shop(tx, found.shop_id)
        kinds = await qualifications.list_kinds(tx)
    return web.page(
        request,
        "review_shops/permit.html",
        status=web.status_of(problem) if problem else 200,
        it=found,
        row=shop,
        permits=_names(request, kinds),
        reasons=qualifications.REASONS,
        form=form or DecideForm(),
        is_mine=found.claimed_by == web.signed_in(request).account_id,
        errors=web.field_errors(request, problem) if problem else {},
    )


def _names(
    request: web.AnyRequest, kinds: list[qualifications.QualificationKind]
) -> dict[str, str]:
    is_zh = locale_of(request) == "zh-CN"
    return {it.code: it.name_zh if is_zh else it.name_en for it in kinds}


def _told(request: web.AnyRequest, path: str, text: str) -> Response[Any]:
    return flash(redirect(path), "ok", translator(locale_of(request)).gettext(text))


routes = [
    get_queue,
    get_application,
    post_claim,
    post_decide,
    get_permit,
    post_permit_claim,
    post_permit_decide,
    get_paper,
]
