"""HTTP for a shop's application: choose a kind, fill in, hand in, mend what came back, withdraw."""

from typing import Any, Final

import msgspec
from litestar import Response, get, post

from jishi import web
from jishi.flows.open_shop import application
from jishi.kit.errors import Refusal, Refusals
from jishi.kit.ids import parse_id
from jishi.kit.text import mark as _
from jishi.kit.typed import read_day
from jishi.modules import media, shops
from jishi.modules.qualifications import permit_day
from jishi.modules.shops import (
    Application,
    ApplicationState,
    Errors,
    Papers,
    ShopHere,
    ShopKind,
    shop_here,
)
from jishi.modules.shops.rules_applications import FIELDS, OPTIONAL
from jishi.modules.shops.types_applications import (
    EDITED,
    OPEN,
    OWNED_MAX,
    REASONS,
    ApplicationNotFound,
)
from jishi.web.answer import redirect
from jishi.web.csrf import secret_of
from jishi.web.flash import flash
from jishi.web.i18n import translator
from jishi.web.pages import locale_of

HOME: Final = "/merchant/{shop_id:str}/application"
STARTED: Final = _("Fill in what the kind asks for. You can stop and go on later.")
SAVED: Final = _("Saved. Nothing is handed in yet.")
HANDED_IN: Final = _("Handed in. An operator looks at it within two working days.")
APPROVED: Final = _("Approved. The checks found nothing a person needs to look at.")
WITHDRAWN: Final = _("Withdrawn.")
PICTURES: Final = ("licence_paper_id", "authorisation_paper_id")
DAYS: Final = ("licence_until", "authorisation_from", "authorisation_until")


class KindForm(msgspec.Struct, kw_only=True):
    kind: str = ""


class ApplicationForm(msgspec.Struct, kw_only=True):
    """Fields by the names of Papers; pictures come as files named ``file_<field>``."""

    do: str = "save"
    version: int = 0
    real_name: str = ""
    id_number: str = ""
    company_name: str = ""
    registration_number: str = ""
    legal_person: str = ""
    licence_paper_id: str = ""
    licence_until: str = ""
    brand: str = ""
    trademark_number: str = ""
    authorisation_paper_id: str = ""
    authorisation_from: str = ""
    authorisation_until: str = ""


@get(HOME)
async def get_application(request: web.AnyRequest) -> Response[Any]:
    """GET …/application: the kinds to choose from, the form, or where it stands; 200."""
    here = shop_here(request)
    async with web.read(request) as tx:
        found = await shops.application_of(tx, here.id)
    return await _page(request, here, found, form_of(found) if found else ApplicationForm())


@post(HOME + "/start")
async def post_start(request: web.AnyRequest) -> Response[Any]:
    """POST …/application/start (kind): 303; 409 one is open; 422 no such kind."""
    here = shop_here(request)
    form = await web.read_form(request, KindForm)
    try:
        async with web.transaction(request) as tx:
            await application.start(
                tx,
                here.id,
                form.kind,
                applicant_id=web.signed_in(request).account_id,
                ids=web.ids(request),
                now=web.now(request),
            )
    except Refusal as problem:
        return flash(redirect(f"{here.base}/application"), "bad", web.words(request, problem))
    return _told(request, here, STARTED)


@post(HOME)
async def post_application(request: web.AnyRequest) -> Response[Any]:
    """POST …/application (do=save|submit): 303; 409 moved on meanwhile; 422 the form, what was typed kept."""
    here = shop_here(request)
    form = await web.read_form(request, ApplicationForm)
    async with web.read(request) as tx:
        found = await shops.application_of(tx, here.id)
    if found is None or found.state not in OPEN:
        raise ApplicationNotFound
    try:
        await _take_pictures(request, here, form)
        after = await _save(request, here, form, found)
        form.version = after.version
        if form.do == "submit":
            after = await _submit(request, here)
    except (Refusal, Refusals) as problem:
        return await _page(request, here, found, form, problem)
    told = {ApplicationState.SUBMITTED: HANDED_IN, ApplicationState.APPROVED: APPROVED}
    return _told(request, here, told.get(after.state, SAVED))


@post(HOME + "/withdraw")
async def post_withdraw(request: web.AnyRequest) -> Response[Any]:
    """POST …/application/withdraw: 303; 404 none is open."""
    here = shop_here(request)
    async with web.transaction(request) as tx:
        await shops.withdraw_application(
            tx,
            here.id,
            applicant_id=web.signed_in(request).account_id,
            now=web.now(request),
        )
    return _told(request, here, WITHDRAWN)


async def _take_pictures(request: web.AnyRequest, here: ShopHere, form: ApplicationForm) -> None:
    """Keep uploaded papers and write their numbers into the form. Raises Refusals by field."""
    refused: list[Refusal] = []
    for name in PICTURES:
        file = await web.upload(request, f"file_{name}")
        if file is None:
            continue
        try:
            setattr(form, name, str(await media.keep_paper(request, here.id, file, field=name)))
        except Refusal as problem:
            refused.append(problem)
    if refused:
        raise Refusals(refused)


async def _save(
    request: web.AnyRequest, here: ShopHere, form: ApplicationForm, before: Application
) -> Application:
    papers = papers_of(form, before.papers.kind)
    async with web.transaction(request) as tx:
        return await application.save(
            tx,
            here.id,
            papers,
            version=form.version,
            secret=secret_of(request),
            now=web.now(request),
        )


async def _submit(request: web.AnyRequest, here: ShopHere) -> Application:
    me = web.signed_in(request)
    async with web.transaction(request) as tx:
        shop = await shops.get_shop(tx, here.id)
        return await application.submit(
            tx,
            shop,
            applicant_id=me.account_id,
            applicant=me.name,
            now=web.now(request),
        )


def papers_of(form: ApplicationForm, kind: ShopKind) -> Papers:
    """What the form means. Raises FieldInvalid for what is no day."""
    values: dict[str, Any] = msgspec.structs.asdict(form)
    values = {name: value for name, value in values.items() if name not in {"do", "version"}}
    values |= {name: parse_id(values[name]) for name in PICTURES}
    values |= {name: read_day(values[name], name) for name in DAYS}
    return Papers(kind=kind, **values)


def form_of(found: Application) -> ApplicationForm:
    """An application as its form; the identity number is never shown again."""
    papers = found.papers
    names = [it.name for it in msgspec.structs.fields(ApplicationForm)]
    kept = [name for name in names if name not in {"do", "version", "id_number"}]
    values = {name: str(getattr(papers, name) or "") for name in kept}
    return ApplicationForm(version=found.version, **values)


async def _page(
    request: web.AnyRequest,
    here: ShopHere,
    found: Application | None,
    form: ApplicationForm,
    problem: Refusal | Refusals | None = None,
) -> Response[Any]:
    async with web.read(request) as tx:
        shop = await shops.get_shop(tx, here.id)
    return web.page(
        request,
        "open_shop/application.html",
        status=web.status_of(problem) if problem else 200,
        shop=here,
        row=shop,
        found=found,
        is_open=found is not None and found.state in OPEN,
        is_edited=found is not None and found.state in EDITED,
        fields=FIELDS[found.papers.kind] if found else (),
        form=form,
        errors=Errors(web.field_errors(request, problem) if problem else {}),
        kinds=list(OWNED_MAX),
        limits=OWNED_MAX,
        optional=OPTIONAL,
        reasons=REASONS,
        pictures=PICTURES,
        days=DAYS,
        today=permit_day(web.now(request)),
    )


def _told(request: web.AnyRequest, here: ShopHere, text: str) -> Response[Any]:
    words = translator(locale_of(request)).gettext(text)
    return flash(redirect(f"{here.base}/application"), "ok", words)


routes = [get_application, post_start, post_application, post_withdraw]
