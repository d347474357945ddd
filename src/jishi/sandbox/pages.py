"""Pages for payers and for whoever runs the sandbox. Server-drawn; works without script.

The number in the address of a pay page is the right to see and pay it: 100 random bits.
"""

from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit, urlunsplit

import msgspec
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar import MediaType, Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import Parameter
from msgspec import Meta

from jishi.kit.errors import Kind, Refusal
from jishi.sandbox import desk, edge, rules, words
from jishi.sandbox.edge import Asked
from jishi.sandbox.types import (
    AlreadyPaid,
    BadRequest,
    Behaviour,
    Method,
    Payment,
    PaymentClosed,
    PayNow,
    RefundBehaviour,
)

HERE = Path(__file__).parent
ASSETS = {"sandbox.css": "text/css", "pay.js": "text/javascript"}
DELIVERIES_PER_PAGE = 50
ID_MAX = 2**63 - 1
OK, SEE_OTHER, NOT_READ = 200, 303, 422
COOKIE_SECONDS = 365 * 86_400


class ForeignOrigin(Refusal):
    kind, code = Kind.FORBIDDEN, "sandbox.foreign_origin"
    text = "This page cannot be used from another site."


class OnlyHere(Refusal):
    kind, code = Kind.FORBIDDEN, "sandbox.only_here"
    text = "Only people at this machine may see the deliveries."


class PayForm(msgspec.Struct):
    """The pay page's form as browsers send it. Unknown fields are ignored."""

    action: Annotated[str, Meta(pattern="^(pay|cancel)$")] = "pay"
    method: Method = Method.WALLET
    behaviour: Behaviour = Behaviour.PROMPT
    seconds: Annotated[int, Meta(ge=0, le=86_400)] = 5
    refunds: RefundBehaviour = RefundBehaviour.SUCCEED


@get("/pay/{trade_no:str}", media_type=MediaType.HTML)
async def get_pay_page(request: Asked, trade_no: str) -> Response[str]:
    """GET /pay/{trade_no}: 200 the page in any state of the payment; 404."""
    here = edge.place(request)
    payment = desk.get_payment_by_trade_no(here.desk, trade_no, now=edge.now())
    return _pay_page(request, payment)


@post("/pay/{trade_no:str}", media_type=MediaType.HTML, status_code=OK)
async def post_pay_page(request: Asked, trade_no: str) -> Response[str]:
    """POST /pay/{trade_no}: 303 to the shop; 403 from another site; 404; 422 failed or unread."""
    check_origin(request)
    here, at = edge.place(request), edge.now()
    payment = desk.get_payment_by_trade_no(here.desk, trade_no, now=at)
    try:
        form = _read_form(await request.body())
    except BadRequest:
        return _pay_page(request, payment, status=NOT_READ, wrong="form")
    if form.action == "cancel":
        return _back_to_shop(payment, result="cancelled")
    how = PayNow(
        behaviour=form.behaviour, seconds=form.seconds, refunds=form.refunds, method=form.method
    )
    try:
        paid = desk.pay(here.desk, payment.out_trade_no, how, now=at)
    except (AlreadyPaid, PaymentClosed):
        return _pay_page(request, payment)
    if form.behaviour is Behaviour.FAIL:
        return _pay_page(request, paid, form=form, status=NOT_READ, wrong="declined")
    return _back_to_shop(paid, result="paid")


@get("/deliveries", media_type=MediaType.HTML)
async def get_deliveries(
    request: Asked,
    before: Annotated[int, Parameter(ge=1, le=ID_MAX)] = ID_MAX,
    out_trade_no: Annotated[str | None, Parameter(max_length=64)] = None,
) -> Response[str]:
    """GET /deliveries: 200 the log, newest first; 403 unless asked from this machine."""
    require_here(request)
    book = edge.place(request).desk.book
    found = book.list_deliveries(
        before_id=before, limit=DELIVERIES_PER_PAGE + 1, out_trade_no=out_trade_no
    )
    return _page(
        request,
        "deliveries.html",
        deliveries=found[:DELIVERIES_PER_PAGE],
        older=found[DELIVERIES_PER_PAGE - 1].id if len(found) > DELIVERIES_PER_PAGE else None,
        out_trade_no=out_trade_no,
        is_first=before == ID_MAX,
    )


@get("/", media_type=MediaType.HTML)
async def get_home() -> Response[str]:
    """GET /: 303 to the deliveries."""
    return Response("", status_code=SEE_OTHER, headers={"location": "/deliveries"})


@get("/health")
async def get_health() -> dict[str, bool]:
    """GET /health: 200 once the sandbox answers."""
    return {"ok": True}


@get("/assets/{name:str}")
async def get_asset(name: str) -> Response[bytes]:
    """GET /assets/{name}: 200; 404."""
    if name not in ASSETS:
        raise NotFoundException
    return Response(
        (HERE / "assets" / name).read_bytes(),
        media_type=ASSETS[name],
        headers={"cache-control": "no-cache"},
    )


def show_here(request: Asked, name: str, **facts: Any) -> Response[str]:
    """A page for people at this machine. Raises OnlyHere."""
    require_here(request)
    return _page(request, name, **facts)


def require_here(request: Asked) -> None:
    if not _is_here(request):
        raise OnlyHere


def show_refusal(request: Asked, refusal: Refusal) -> Response[Any]:
    """A refusal as a page where a person waits, as JSON where a program does."""
    if request.scope["path"].startswith(("/v1/", "/carrier/")):
        return edge.refuse(request, refusal)
    return _page(request, "refused.html", status=edge.status_of(refusal), refusal=refusal)


def _pay_page(
    request: Asked,
    payment: Payment,
    *,
    form: PayForm | None = None,
    status: int = OK,
    wrong: str | None = None,
) -> Response[str]:
    return _page(
        request,
        "pay.html",
        status=status,
        form_target=_origin(payment.return_url),
        payment=payment,
        form=form or PayForm(),
        wrong=wrong,
        behaviours=list(Behaviour),
        shop_url=_return_url(payment, "paid" if payment.paid_at else "cancelled"),
    )


def _page(
    request: Asked, name: str, *, status: int = OK, form_target: str = "", **facts: Any
) -> Response[str]:
    asked = request.query_params.get("lang")
    locale = words.choose_locale(
        asked=asked,
        cookie=request.cookies.get("lang"),
        accept_language=request.headers.get("accept-language", ""),
    )
    here = edge.place(request)
    text = (
        _templates()
        .get_template(name)
        .render(
            locale=locale,
            _=lambda text, **given: words.say(locale, text, **given),
            money=words.money,
            when=lambda instant: f"{instant.astimezone(here.desk.zone):%Y-%m-%d %H:%M:%S}",
            theme=request.cookies.get("theme"),
            other_locale=_with_language(request, "en" if locale == "zh-CN" else "zh-CN"),
            now=edge.now(),
            **facts,
        )
    )
    response = Response(
        text, media_type=MediaType.HTML, status_code=status, headers=_headers(form_target)
    )
    if asked:
        response.set_cookie("lang", locale, max_age=COOKIE_SECONDS, samesite="lax", httponly=True)
    return response


def _headers(form_target: str) -> dict[str, str]:
    policy = (
        "default-src 'none'; style-src 'self'; img-src data:; script-src 'self'; base-uri 'none';"
        f" frame-ancestors 'none'; form-action 'self' {form_target}"
    )
    return {
        "content-security-policy": policy.rstrip(),
        "cache-control": "no-store",
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
    }


def _read_form(body: bytes) -> PayForm:
    try:
        given = parse_qs(body.decode("utf-8"), max_num_fields=20, keep_blank_values=True)
        said = {name: values[-1] for name, values in given.items()}
        return msgspec.convert(said, PayForm, strict=False)
    except (ValueError, msgspec.ValidationError) as error:
        raise BadRequest(detail=str(error)) from error


def check_origin(request: Asked) -> None:
    """Browsers say where a form was sent from; another site may not pay in someone's name."""
    origin = request.headers.get("origin")
    site = request.headers.get("sec-fetch-site", "same-origin")
    host = request.headers.get("host", "")
    foreign = origin not in (None, "null") and urlsplit(origin or "").netloc != host
    if foreign or site not in ("same-origin", "none"):
        raise ForeignOrigin


def _is_here(request: Asked) -> bool:
    client = request.scope.get("client")
    relayed = "x-forwarded-for" in request.headers or "forwarded" in request.headers
    return client is not None and rules.is_loopback(client[0]) and not relayed


def _back_to_shop(payment: Payment, *, result: str) -> Response[str]:
    return Response("", status_code=SEE_OTHER, headers={"location": _return_url(payment, result)})


def _return_url(payment: Payment, result: str) -> str:
    """The shop's address with what happened, for show only: shops believe callbacks, not this."""
    parts = urlsplit(payment.return_url)
    query = parse_qsl(parts.query, keep_blank_values=True)
    query += [("out_trade_no", payment.out_trade_no), ("result", result)]
    return urlunsplit(parts._replace(query=urlencode(query)))


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _with_language(request: Asked, locale: str) -> str:
    kept = [(k, v) for k, v in request.query_params.multi_items() if k != "lang"]
    return "?" + urlencode([*kept, ("lang", locale)])


def clock_left(expires_at: datetime, now: datetime) -> str:
    """``28:05``, ``1:28:05`` or ``3 d`` until ``expires_at``."""
    seconds = max(0, int((expires_at - now).total_seconds()))
    hours, rest = divmod(seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    if hours >= 48:  # noqa: PLR2004 - two days and more are told in days
        return f"{hours // 24} d"
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes:02}:{seconds:02}"


@cache
def _templates() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(HERE / "pages"), autoescape=True, undefined=StrictUndefined
    )
    environment.globals["clock_left"] = clock_left
    return environment


routes = [get_pay_page, post_pay_page, get_deliveries, get_home, get_health, get_asset]
