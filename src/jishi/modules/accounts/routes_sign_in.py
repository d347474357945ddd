"""Pages to sign up, in and out."""

from typing import Any, Final

import msgspec
from litestar import Response, get, post

from jishi import web
from jishi.db import Tx
from jishi.kit.errors import Refusal, Refusals
from jishi.modules.accounts import (
    entrance,
    passwords,
    rules,
    service,
    service_codes,
    service_sessions,
    tokens,
)
from jishi.modules.accounts.types import (
    NEW_PERSON,
    PASSWORD_MAX,
    Entered,
    LoginName,
    Purpose,
    SignInRefused,
)
from jishi.web.answer import redirect
from jishi.web.csrf import secret_of
from jishi.web.i18n import translator
from jishi.web.pages import local_path, locale_of

SIGN_IN: Final = "accounts/sign_in.html"
SIGN_UP: Final = "accounts/sign_up.html"
CODE: Final = "accounts/code.html"


class SignInForm(msgspec.Struct):
    login: str = ""
    password: str = ""
    next: str = "/"


class SignUpForm(msgspec.Struct):
    name: str = ""
    login: str = ""
    password: str = ""
    next: str = "/"


class CodeForm(msgspec.Struct):
    login: str = ""
    code: str = ""
    next: str = "/"


@get("/sign-in", include_in_schema=False)
async def get_sign_in(request: web.AnyRequest) -> Response[Any]:
    """GET /sign-in?next=: the form; 303 to next for someone signed in."""
    return _door(request, SIGN_IN)


@get("/sign-up", include_in_schema=False)
async def get_sign_up(request: web.AnyRequest) -> Response[Any]:
    """GET /sign-up?next=: the form; 303 to next for someone signed in."""
    return _door(request, SIGN_UP)


@get("/sign-in/code", include_in_schema=False)
async def get_code(request: web.AnyRequest) -> Response[Any]:
    """GET /sign-in/code?next=: where to send a code; 303 to next for someone signed in."""
    return _door(request, CODE, sent_to="", dev_inbox=entrance.has_dev_inbox(request))


def _door(request: web.AnyRequest, template: str, **ctx: Any) -> Response[Any]:
    after = local_path(request.query_params.get("next", "/"))
    if web.identity(request) is not None:
        return redirect(after)
    return web.page(request, template, errors={}, form=_Empty(next=after), **ctx)


class _Empty(msgspec.Struct):
    next: str
    name: str = ""
    login: str = ""


@post("/sign-in", include_in_schema=False)
async def post_sign_in(request: web.AnyRequest) -> Response[Any]:
    """POST /sign-in: 303 to next; the form again with 401 refused, 422 no name, 429."""
    form = await web.read_form(request, SignInForm)
    try:
        entered = await sign_in(request, form.login, form.password)
    except (Refusal, Refusals) as problem:
        return entrance.shown_again(request, SIGN_IN, problem, form=form)
    return entrance.let_in(request, entered.token, form.next)


async def sign_in(
    request: web.AnyRequest, login: str, password: str, *, device: str = "", is_api: bool = False
) -> Entered:
    """A new session. Raises LoginInvalid, Limited, SignInRefused.

    The hash is worked out between two transactions; the session is opened only while the hash
    it was checked against still stands. The browser's session before this one ends.
    """
    name = rules.parse_login(login)
    await entrance.count_sign_in(request, name)
    async with web.read(request) as tx:
        found = await service.find_credentials(tx, name)
    kept = found.password_hash if found else None
    if (
        not await passwords.fits(password[: PASSWORD_MAX + 1], kept)
        or found is None
        or kept is None
    ):
        raise SignInRefused
    renewed = await passwords.hash_password(password) if passwords.is_outdated(kept) else None
    now = web.now(request)
    async with web.transaction(request) as tx:
        await _end_present(request, tx)
        token = await service_sessions.open_session(
            tx,
            web.ids(request),
            found.account_id,
            device=device or rules.device_of(request.headers.get("user-agent", "")),
            is_api=is_api,
            password_hash=kept,
            now=now,
        )
        if renewed:
            await service.save_rehash(tx, found.account_id, before=kept, after=renewed)
    return Entered(account_id=found.account_id, token=token)


async def _end_present(request: web.AnyRequest, tx: Tx) -> None:
    """A browser holds one session: signing in again ends the one before."""
    present = web.identity(request)
    if present is not None and not present.by_token:
        await service_sessions.end_if_live(
            tx, present.account_id, present.session_id, now=web.now(request)
        )
        entrance.forget(request, present.account_id)


@post("/sign-up", include_in_schema=False)
async def post_sign_up(request: web.AnyRequest) -> Response[Any]:
    """POST /sign-up: 303 to next, signed in; the form again with 409 name taken, 422, 429."""
    form = await web.read_form(request, SignUpForm)
    try:
        entered = await sign_up(request, form.name, form.login, form.password)
    except (Refusal, Refusals) as problem:
        return entrance.shown_again(request, SIGN_UP, problem, form=form)
    return entrance.let_in(request, entered.token, form.next)


async def sign_up(
    request: web.AnyRequest,
    name: str,
    login: str,
    password: str,
    *,
    device: str = "",
    is_api: bool = False,
) -> Entered:
    """A new account and its first session. Raises Refusals by field, Limited, LoginTaken."""
    kept, logins = rules.draft_account(name, [login], password)
    await entrance.count_sign_up(request)
    hashed = await passwords.hash_password(password)
    now = web.now(request)
    async with web.transaction(request) as tx:
        await _end_present(request, tx)
        account_id = await service.add_account(
            tx,
            web.ids(request),
            name=kept,
            logins=logins,
            password_hash=hashed,
            locale=locale_of(request),
            verified_at=None,
            now=now,
        )
        token = await service_sessions.open_session(
            tx,
            web.ids(request),
            account_id,
            device=device or rules.device_of(request.headers.get("user-agent", "")),
            is_api=is_api,
            now=now,
        )
    return Entered(account_id=account_id, token=token, is_new=True)


@post("/sign-in/code", include_in_schema=False)
async def post_code(request: web.AnyRequest) -> Response[Any]:
    """POST /sign-in/code: sends one, known name or not; the form for it; 422, 429, 503."""
    form = await web.read_form(request, CodeForm)
    try:
        name = rules.parse_login(form.login)
        entrance.require_sending(request, name)
        await entrance.count_code(request, name)
        async with web.transaction(request) as tx:
            await service_codes.send_code(
                tx,
                web.service(request, "send_notice"),
                Purpose.ENTER,
                name,
                secret=secret_of(request),
                locale=locale_of(request),
                now=web.now(request),
            )
    except (Refusal, Refusals) as problem:
        return entrance.shown_again(request, CODE, problem, **_code_page(request, form, ""))
    return web.page(request, CODE, errors={}, **_code_page(request, form, rules.masked(name)))


def _code_page(request: web.AnyRequest, form: CodeForm, sent_to: str) -> dict[str, Any]:
    return {"form": form, "sent_to": sent_to, "dev_inbox": entrance.has_dev_inbox(request)}


@post("/sign-in/code/entry", include_in_schema=False)
async def post_code_entry(request: web.AnyRequest) -> Response[Any]:
    """POST /sign-in/code/entry: 303 to next; the form again with 422 wrong or used up, 429."""
    form = await web.read_form(request, CodeForm)
    sent_to = ""
    try:
        name = rules.parse_login(form.login)
        sent_to = rules.masked(name)
        entered = await _enter_by_code(request, name, form.code)
    except (Refusal, Refusals) as problem:
        return entrance.shown_again(request, CODE, problem, **_code_page(request, form, sent_to))
    entrance.forget(request, entered.account_id)
    welcome = "/me/security?set=password" if entered.lost_password else form.next
    return entrance.let_in(request, entered.token, welcome)


async def _enter_by_code(request: web.AnyRequest, name: LoginName, code: str) -> Entered:
    await entrance.count_sign_in(request, name)
    locale = locale_of(request)
    async with web.transaction(request) as tx:
        entered = await service_codes.enter(
            tx,
            web.ids(request),
            name,
            code,
            secret=secret_of(request),
            new_name=translator(locale).gettext(NEW_PERSON, tail=tokens.make_tail()),
            locale=locale,
            device=rules.device_of(request.headers.get("user-agent", "")),
            now=web.now(request),
        )
        if isinstance(entered, Entered):
            await _end_present(request, tx)
    if isinstance(entered, Entered):
        return entered
    raise entered


@post("/sign-out", include_in_schema=False)
async def post_sign_out(request: web.AnyRequest) -> Response[Any]:
    """POST /sign-out: ends the session; 303 home, for a visitor too."""
    async with web.transaction(request) as tx:
        await _end_present(request, tx)
    return entrance.let_out(request, "/")


routes = [
    get_sign_in,
    post_sign_in,
    get_sign_up,
    post_sign_up,
    get_code,
    post_code,
    post_code_entry,
    post_sign_out,
]
