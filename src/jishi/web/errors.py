"""Refusals and accidents as answers: problem+json for programs, a page or a notice for people."""

from typing import Any, Final
from urllib.parse import quote

import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException
from litestar.status_codes import HTTP_500_INTERNAL_SERVER_ERROR

from jishi.db import GONE
from jishi.kit.errors import Kind, NotFound, Refusal, Refusals
from jishi.kit.text import mark as _
from jishi.web.i18n import translator
from jishi.web.pages import environment, here, locale_of, page
from jishi.web.request import AnyRequest, is_htmx, wants_json

log = structlog.get_logger()

STATUS: Final = {
    Kind.INVALID: 422,
    Kind.UNAUTHORISED: 401,
    Kind.FORBIDDEN: 403,
    Kind.NOT_FOUND: 404,
    Kind.CONFLICT: 409,
    Kind.TOO_LARGE: 413,
    Kind.LIMITED: 429,
    Kind.UNAVAILABLE: 503,
}
RETRY_SECONDS: Final = 2
UNEXPECTED: Final = _(
    "Something went wrong on our side. Nothing was changed. Try again; if it stays, tell us the code."
)
UNSUITABLE: Final = _("This address does not take such a request.")
TOO_LARGE: Final = _("What you sent is too large for this page.")


def words(request: AnyRequest, refusal: Refusal) -> str:
    """The refusal's text in the request's language, facts filled in; ``x_minor`` is money as ``{x}``."""
    locale = locale_of(request)
    facts = _Facts(refusal.facts)
    for name, value in refusal.facts.items():
        if name.endswith("_minor") and isinstance(value, int):
            money: Any = environment(locale).globals["money"]
            facts[name.removesuffix("_minor")] = money(value)
    return translator(locale).gettext(refusal.text).format_map(facts)


class _Facts(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "…"


def field_errors(request: AnyRequest, problem: Refusal | Refusals) -> dict[str, str]:
    """Texts by field name for a form shown again; refusals about no field stand under ``""``."""
    items = problem.items if isinstance(problem, Refusals) else (problem,)
    errors: dict[str, str] = {}
    for item in items:
        errors.setdefault(item.field or "", words(request, item))
    return errors


def status_of(problem: Refusal | Refusals) -> int:
    first = problem.items[0] if isinstance(problem, Refusals) else problem
    return STATUS[first.kind]


def on_refusal(request: Request[Any, Any, Any], problem: Exception) -> Response[Any]:
    assert isinstance(problem, Refusal | Refusals)
    items = problem.items if isinstance(problem, Refusals) else (problem,)
    status = status_of(problem)
    if wants_json(request):
        return problem_json(request, status, list(items))
    if status == STATUS[Kind.UNAUTHORISED] and not is_htmx(request):
        target = here(request) if request.method == "GET" else "/"
        return Response(
            None, status_code=303, headers={"location": f"/sign-in?next={quote(target)}"}
        )
    texts = [words(request, item) for item in items]
    return error_page(request, status, texts, code=items[0].code, retry=items[0].facts.get("retry"))


def problem_json(request: AnyRequest, status: int, items: list[Refusal]) -> Response[Any]:
    """RFC 9457 with ``code``, ``field`` and all ``errors``."""
    errors = [
        {"code": item.code, "field": item.field, "detail": words(request, item), **_plain(item)}
        for item in items
    ]
    body = {"type": "about:blank", "title": items[0].code, "status": status, **errors[0]}
    return Response(
        {**body, "errors": errors},
        status_code=status,
        media_type="application/problem+json",
        headers=_retry_after(items[0]),
    )


def _plain(item: Refusal) -> dict[str, Any]:
    facts = {
        key: str(value) if key.endswith("_id") else value
        for key, value in item.facts.items()
        if isinstance(value, str | int | bool | type(None))
    }
    return {"facts": facts} if facts else {}


def _retry_after(item: Refusal) -> dict[str, str]:
    seconds = item.facts.get("retry_seconds")
    return {"retry-after": str(seconds)} if seconds else {}


def error_page(
    request: AnyRequest, status: int, texts: list[str], *, code: str, retry: str | None = None
) -> Response[Any]:
    name = "frame/notice.html" if is_htmx(request) else "frame/error.html"
    return page(request, name, status=status, texts=texts, code=code, retry=retry)


def on_http(request: Request[Any, Any, Any], problem: Exception) -> Response[Any]:
    """What the framework refuses: unknown addresses, methods, bodies too large."""
    assert isinstance(problem, HTTPException)
    if problem.status_code == HTTP_500_INTERNAL_SERVER_ERROR:
        return on_accident(request, problem)
    refusal: Refusal = NotFound()
    status = problem.status_code
    if status != STATUS[Kind.NOT_FOUND]:
        refusal = Refusal()
        refusal.text = TOO_LARGE if status == STATUS[Kind.TOO_LARGE] else UNSUITABLE  # type: ignore[misc]
        refusal.code = f"http.{status}"  # type: ignore[misc]
    if wants_json(request):
        return problem_json(request, status, [refusal])
    return error_page(request, status, [words(request, refusal)], code=refusal.code)


class MarketAway(Refusal):
    kind, code = Kind.UNAVAILABLE, "market_away"
    text = "The market cannot be reached for a moment. Nothing was lost; try again."


def on_accident(request: Request[Any, Any, Any], problem: Exception) -> Response[Any]:
    """A broken assumption: logged with a code the person sees too. 503 while the database is away."""
    if isinstance(problem, GONE):
        log.warning("database away", path=request.url.path, problem=str(problem))
        return on_refusal(request, MarketAway(retry_seconds=RETRY_SECONDS))
    code = f"E{abs(hash((request.url.path, str(problem)))) % 10**6:06d}"
    log.error("accident", code=code, path=request.url.path, method=request.method, exc_info=problem)
    text = translator(locale_of(request)).gettext(UNEXPECTED)
    if wants_json(request):
        body = {"type": "about:blank", "title": "unexpected", "status": 500, "code": code}
        return Response(
            {**body, "detail": text}, status_code=500, media_type="application/problem+json"
        )
    return error_page(request, 500, [text], code=code)


HANDLERS: Final = {
    Refusal: on_refusal,
    Refusals: on_refusal,
    HTTPException: on_http,
    Exception: on_accident,
}
