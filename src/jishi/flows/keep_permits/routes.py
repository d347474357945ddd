"""HTTP for permits: what a shop holds and hands in, and its papers as pictures."""

from typing import Any, Final

import msgspec
from litestar import Response, get, post

from jishi import web
from jishi.kit.errors import Refusal, Refusals
from jishi.kit.ids import ShopId, cell_of
from jishi.kit.text import mark as _
from jishi.kit.typed import read_day
from jishi.kit.workdays import working_days_later
from jishi.modules import media, qualifications
from jishi.modules.qualifications import NewQualification, QualificationId, permit_day
from jishi.modules.shops import Errors, ShopHere, shop_here
from jishi.web.answer import redirect
from jishi.web.flash import flash
from jishi.web.i18n import translator
from jishi.web.pages import locale_of

HOME: Final = "/merchant/{shop_id:str}/permits"
HANDED_IN: Final = _("Handed in. An operator looks at it within two working days.")
WITHDRAWN: Final = _("Withdrawn.")
REVIEW_DAYS: Final = 2


class PermitForm(msgspec.Struct, kw_only=True):
    kind: str = ""
    number: str = ""
    valid_from: str = ""
    valid_until: str = ""


@get(HOME)
async def get_permits(request: web.AnyRequest) -> Response[Any]:
    """GET …/permits: what the shop holds and handed in; 200."""
    return await _page(request, PermitForm())


@post(HOME)
async def post_permit(request: web.AnyRequest) -> Response[Any]:
    """POST …/permits (kind, number, paper, valid_from, valid_until): 303; 409 one waits; 422 by field."""
    here = shop_here(request)
    form = await web.read_form(request, PermitForm)
    try:
        await _submit(request, here, form)
    except (Refusal, Refusals) as problem:
        return await _page(request, form, problem)
    return _told(request, f"{here.base}/permits", HANDED_IN)


@post(HOME + "/{permit_id:str}/withdraw")
async def post_withdraw(request: web.AnyRequest) -> Response[Any]:
    """POST …/permits/{permit_id}/withdraw: 303; 409 it was decided meanwhile."""
    here = shop_here(request)
    permit_id = QualificationId(web.path_id(request, "permit_id"))
    async with web.transaction(request) as tx:
        await qualifications.withdraw(tx, here.id, permit_id, now=web.now(request))
    return _told(request, f"{here.base}/permits", WITHDRAWN)


@get("/merchant/{shop_id:str}/papers/{paper_id:str}/{file:str}")
async def get_paper(request: web.AnyRequest) -> Response[Any]:
    """GET …/papers/{paper_id}/{160|480|960|1920}.webp: one of the shop's own papers; 200, 404."""
    return await media.paper_answer(request, ShopId(web.path_id(request, "shop_id")))


async def _submit(request: web.AnyRequest, here: ShopHere, form: PermitForm) -> None:
    file = await web.upload(request, "paper")
    paper_id = await media.keep_paper(request, here.id, file, field="paper_id") if file else None
    now = web.now(request)
    permit = NewQualification(
        kind=form.kind,
        number=form.number,
        paper_id=paper_id,
        valid_from=read_day(form.valid_from, "valid_from"),
        valid_until=read_day(form.valid_until, "valid_until"),
    )
    async with web.transaction(request) as tx:
        await qualifications.submit(
            tx,
            here.id,
            permit,
            qualification_id=QualificationId(web.ids(request).make(cell_of(here.id))),
            by=web.signed_in(request).account_id,
            locale=locale_of(request),
            due_at=working_days_later(now, REVIEW_DAYS),
            today=permit_day(now),
            now=now,
        )


async def _page(
    request: web.AnyRequest, form: PermitForm, problem: Refusal | Refusals | None = None
) -> Response[Any]:
    here = shop_here(request)
    async with web.read(request) as tx:
        kinds = await qualifications.list_kinds(tx)
        held = await qualifications.of_shop(tx, here.id)
    locale = locale_of(request)
    names = {it.code: it.name_zh if locale == "zh-CN" else it.name_en for it in kinds}
    return web.page(
        request,
        "keep_permits/permits.html",
        status=web.status_of(problem) if problem else 200,
        shop=here,
        form=form,
        errors=Errors(web.field_errors(request, problem) if problem else {}),
        names=names,
        held=held,
        today=permit_day(web.now(request)),
        reasons=qualifications.REASONS,
    )


def _told(request: web.AnyRequest, path: str, text: str) -> Response[Any]:
    return flash(redirect(path), "ok", translator(locale_of(request)).gettext(text))


routes = [get_permits, post_permit, post_withdraw, get_paper]
