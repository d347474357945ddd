"""HTTP for cases: the shop answers and appeals; operators open, rule and judge."""

from typing import Any, Final

from litestar import Response, get, post
from litestar.datastructures import UploadFile

from jishi import web
from jishi.flows.judge_shop import flow
from jishi.flows.judge_shop.forms import CaseForm, WordForm, evidence_of, new_case
from jishi.kit.errors import Refusal, Refusals
from jishi.kit.ids import ShopId, parse_id
from jishi.kit.text import mark as _
from jishi.modules import media, penalties, shops
from jishi.modules.media.types import TooManyFiles
from jishi.modules.penalties import CaseId
from jishi.modules.penalties.types import CaseNotFound
from jishi.modules.shops import Errors, shop_here
from jishi.web.answer import redirect
from jishi.web.flash import flash
from jishi.web.i18n import translator
from jishi.web.pages import locale_of

CASES: Final = "/operator/violations"
SHOP_CASE: Final = "/merchant/{shop_id:str}/standing/cases/{case_id:str}"
PICTURES_MAX: Final = 6
ANSWERED: Final = _("Your answer is in. An operator rules within 72 hours, else the case lapses.")
APPEALED: Final = _("Your appeal is in. Another operator judges within 7 days, else it is upheld.")
OPENED: Final = _("The case is announced. The shop has been told.")
RULED: Final = _("Ruled.")
JUDGED: Final = _("Judged.")


@post(SHOP_CASE + "/answer")
async def post_answer(request: web.AnyRequest) -> Response[Any]:
    """POST …/answer (text, orders, pictures): 303; a refusal is told on the case's page."""
    return await _by_shop(request, appeal=False)


@post(SHOP_CASE + "/appeal")
async def post_appeal(request: web.AnyRequest) -> Response[Any]:
    """POST …/appeal (text, orders, pictures): 303; a refusal is told on the case's page."""
    return await _by_shop(request, appeal=True)


async def _by_shop(request: web.AnyRequest, *, appeal: bool) -> Response[Any]:
    here = shop_here(request)
    case_id = CaseId(web.path_id(request, "case_id"))
    path = f"{here.base}/standing/cases/{case_id}"
    form = await web.read_form(request, WordForm)
    step = flow.appeal if appeal else flow.answer
    try:
        papers = await _pictures(request, here.id)
        async with web.transaction(request) as tx:
            await step(
                tx,
                case_id,
                form.text,
                evidence_of(papers=papers, orders=form.orders),
                shop_id=here.id,
                actor_id=web.signed_in(request).account_id,
                now=web.now(request),
            )
    except (Refusal, Refusals) as problem:
        return _refused(request, path, problem)
    return _told(request, path, APPEALED if appeal else ANSWERED)


@get(CASES + "/new")
async def get_new(request: web.AnyRequest) -> Response[Any]:
    """GET /operator/violations/new (shop): the form; 200, 404."""
    return await _new_page(request, CaseForm(shop=request.query_params.get("shop", "")))


@post(CASES + "/new")
async def post_new(request: web.AnyRequest) -> Response[Any]:
    """POST /operator/violations/new: 303 to the case; 404 no such shop; 422 the form as typed."""
    form = await web.read_form(request, CaseForm)
    shop_id = ShopId(parse_id(form.shop) or 0)
    try:
        async with web.read(request) as tx:
            await shops.get_shop(tx, shop_id)
        papers = await _pictures(request, shop_id)
        case = new_case(form, shop_id, papers, currency=web.settings(request).currency)
        async with web.transaction(request) as tx:
            opened = await flow.open_case(
                tx,
                case,
                operator_id=web.signed_in(request).account_id,
                ids=web.ids(request),
                now=web.now(request),
            )
    except (Refusal, Refusals) as problem:
        return await _new_page(request, form, problem)
    return _told(request, f"{CASES}/{opened.id}", OPENED)


@post(CASES + "/{case_id:str}/rule")
async def post_rule(request: web.AnyRequest) -> Response[Any]:
    """POST …/rule (do=uphold|drop, text): 303; a refusal is told on the case's page."""
    return await _by_operator(request, judging=False)


@post(CASES + "/{case_id:str}/judge")
async def post_judge(request: web.AnyRequest) -> Response[Any]:
    """POST …/judge (do=uphold|dismiss, text): 303; a refusal is told on the case's page."""
    return await _by_operator(request, judging=True)


async def _by_operator(request: web.AnyRequest, *, judging: bool) -> Response[Any]:
    case_id = CaseId(web.path_id(request, "case_id"))
    path = f"{CASES}/{case_id}"
    form = await web.read_form(request, WordForm)
    me = web.signed_in(request).account_id
    facts: dict[str, Any] = {
        "text": form.text,
        "operator_id": me,
        "ids": web.ids(request),
        "now": web.now(request),
    }
    try:
        async with web.transaction(request) as tx:
            if judging:
                await flow.judge(tx, case_id, uphold_appeal=form.do == "uphold", **facts)
            else:
                await flow.rule(tx, case_id, uphold=form.do == "uphold", **facts)
    except CaseNotFound:
        raise
    except (Refusal, Refusals) as problem:
        return _refused(request, path, problem)
    return _told(request, path, JUDGED if judging else RULED)


async def _pictures(request: web.AnyRequest, shop_id: ShopId) -> list[int]:
    """Uploaded evidence, kept. Raises TooManyFiles for more than six at once, and what keep_paper raises."""
    posted = (await request.form()).getall("pictures", [])
    files = [it for it in posted if isinstance(it, UploadFile) and it.filename]
    if len(files) > PICTURES_MAX:
        raise TooManyFiles(field="pictures", limit=PICTURES_MAX, count=len(files))
    return [await media.keep_paper(request, shop_id, file, field="pictures") for file in files]


async def _new_page(
    request: web.AnyRequest, form: CaseForm, problem: Refusal | Refusals | None = None
) -> Response[Any]:
    shop_id = ShopId(parse_id(form.shop) or 0)
    async with web.read(request) as tx:
        shop = await shops.get_shop(tx, shop_id)
        rules = await penalties.list_rules(tx)
    newest = {it.code: it for it in reversed(rules)}
    return web.page(
        request,
        "judge_shop/new.html",
        status=web.status_of(problem) if problem else 200,
        row=shop,
        form=form,
        rules=sorted(newest.values(), key=lambda it: it.code),
        kinds=penalties.KIND_WORDS,
        errors=Errors(web.field_errors(request, problem) if problem else {}),
    )


def _refused(request: web.AnyRequest, path: str, problem: Refusal | Refusals) -> Response[Any]:
    first = problem.items[0] if isinstance(problem, Refusals) else problem
    return flash(redirect(path), "bad", web.words(request, first))


def _told(request: web.AnyRequest, path: str, text: str) -> Response[Any]:
    return flash(redirect(path), "ok", translator(locale_of(request)).gettext(text))


routes = [post_answer, post_appeal, get_new, post_new, post_rule, post_judge]
