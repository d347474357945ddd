"""The pages about oneself: hub, profile, security."""

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
)
from jishi.modules.accounts.types import (
    PASSWORD_MAX,
    Account,
    CodeGone,
    PasswordWrong,
    Purpose,
    Session,
)
from jishi.web.answer import redirect
from jishi.web.csrf import secret_of
from jishi.web.i18n import COOKIE, LOCALES
from jishi.web.limits import spend
from jishi.web.pages import locale_of

ME: Final = "accounts/me.html"
PROFILE: Final = "accounts/profile.html"
SECURITY: Final = "accounts/security.html"


class ProfileForm(msgspec.Struct):
    name: str = ""
    locale: str = ""


class PasswordForm(msgspec.Struct):
    present: str = ""
    password: str = ""


class CloseForm(msgspec.Struct):
    present_close: str = ""


class LoginForm(msgspec.Struct):
    login: str = ""
    code: str = ""


@get("/me", include_in_schema=False)
async def get_me(request: web.AnyRequest) -> Response[Any]:
    """GET /me: 200 the hub of what is one's own."""
    me = web.signed_in(request)
    async with web.read(request) as tx:
        account = await service.get_account(tx, me.account_id)
        logins = await service.logins_of(tx, me.account_id)
    counted = getattr(request.app.state, "me_figures", None)
    figures = await counted(request) if counted else None
    shown = [rules.masked(it.name) for it in logins]
    return web.page(request, ME, account=account, logins=shown, figures=figures)


@get("/me/profile", include_in_schema=False)
async def get_profile(request: web.AnyRequest) -> Response[Any]:
    """GET /me/profile: 200 the form."""
    async with web.read(request) as tx:
        account = await service.get_account(tx, web.signed_in(request).account_id)
    form = ProfileForm(account.name, account.locale or "")
    return web.page(request, PROFILE, form=form, errors={})


@post("/me/profile", include_in_schema=False)
async def post_profile(request: web.AnyRequest) -> Response[Any]:
    """POST /me/profile: 303 to /me, in the language chosen; 422 the form again."""
    me = web.signed_in(request)
    form = await web.read_form(request, ProfileForm)
    locale = form.locale if form.locale in LOCALES else None
    try:
        async with web.transaction(request) as tx:
            await service.change_profile(tx, me.account_id, name=form.name, locale=locale)
    except (Refusal, Refusals) as problem:
        return entrance.shown_again(request, PROFILE, problem, form=form)
    entrance.forget(request, me.account_id)
    answer: Response[Any] = redirect("/me")
    if locale:
        answer.set_cookie(key=COOKIE, value=locale, max_age=31_536_000, path="/", samesite="lax")
    return answer


@get("/me/security", include_in_schema=False)
async def get_security(request: web.AnyRequest) -> Response[Any]:
    """GET /me/security: 200 sign-in names, password, sessions."""
    return await _security(request)


async def _security(
    request: web.AnyRequest, problem: entrance.Problem | None = None, **ctx: Any
) -> Response[Any]:
    me, now = web.signed_in(request), web.now(request)
    async with web.read(request) as tx:
        account = await service.get_account(tx, me.account_id)
        logins = await service.logins_of(tx, me.account_id)
        sessions = await service_sessions.list_sessions(tx, me.account_id, now=now)
    present = next((it for it in sessions if it.id == me.session_id), None)
    shown: dict[str, Any] = {
        "account": account,
        "logins": [(it, rules.masked(it.name)) for it in logins],
        "sessions": sessions,
        "present": me.session_id,
        "needs_present": _needs_present(account, present, web.now(request)),
        "asked": request.query_params.get("set", ""),
        "done": request.query_params.get("done", ""),
        "pending": "",
        "pending_login": "",
        **ctx,
    }
    if problem is None:
        return web.page(request, SECURITY, errors={}, **shown)
    return entrance.shown_again(request, SECURITY, problem, **shown)


def _needs_present(account: Account, present: Session | None, now: Any) -> bool:
    """Whether a new password takes the present one: not for who just came in by a code."""
    if account.password_hash is None:
        return False
    return present is None or not rules.may_set_password_freely(present, now=now)


@post("/me/password", include_in_schema=False)
async def post_password(request: web.AnyRequest) -> Response[Any]:
    """POST /me/password: 303, other sessions ended; 422 what is wrong with it; 429."""
    form = await web.read_form(request, PasswordForm)
    try:
        token = await _change_password(request, form)
    except (Refusal, Refusals) as problem:
        return await _security(request, problem)
    return entrance.let_in(request, token, "/me/security?done=password")


async def _change_password(request: web.AnyRequest, form: PasswordForm) -> str:
    me, now = web.signed_in(request), web.now(request)
    await spend(request, (entrance.PASSWORD_TRY, str(me.account_id)))
    async with web.read(request) as tx:
        account = await service.get_account(tx, me.account_id)
        logins = await service.logins_of(tx, me.account_id)
        present = await service_sessions.find_session(tx, me.account_id, me.session_id)
    if _needs_present(account, present, now) and not await passwords.fits(
        form.present[: PASSWORD_MAX + 1], account.password_hash
    ):
        raise PasswordWrong(field="present")
    rules.check_password(form.password, known=[account.name, *(it.name.value for it in logins)])
    hashed = await passwords.hash_password(form.password)
    async with web.transaction(request) as tx:
        await service.change_password(tx, me.account_id, hashed, now=now)
        token = await service_sessions.open_session(
            tx,
            web.ids(request),
            me.account_id,
            device=rules.device_of(request.headers.get("user-agent", "")),
            now=now,
        )
    entrance.forget(request, me.account_id)
    return token


@post("/me/logins", include_in_schema=False)
async def post_login(request: web.AnyRequest) -> Response[Any]:
    """POST /me/logins: sends a code to a phone or e-mail to add or prove; 409, 422, 429, 503."""
    me = web.signed_in(request)
    form = await web.read_form(request, LoginForm)
    try:
        name = rules.parse_login(form.login)
        entrance.require_sending(request, name)
        await entrance.count_code(request, name)
        async with web.transaction(request) as tx:
            await service_codes.check_new_login(tx, me.account_id, name)
            await service_codes.send_code(
                tx,
                web.service(request, "send_notice"),
                Purpose.ADD_LOGIN,
                name,
                secret=secret_of(request),
                locale=locale_of(request),
                account_id=me.account_id,
                now=web.now(request),
            )
    except (Refusal, Refusals) as problem:
        return await _security(request, problem, pending_login=form.login)
    return await _security(request, pending=rules.masked(name), pending_login=name.value)


@post("/me/logins/confirm", include_in_schema=False)
async def post_login_confirm(request: web.AnyRequest) -> Response[Any]:
    """POST /me/logins/confirm: 303 added or proved; 409 taken, 422 wrong code."""
    me = web.signed_in(request)
    form = await web.read_form(request, LoginForm)
    pending = ""
    try:
        name = rules.parse_login(form.login)
        pending = rules.masked(name)
        async with web.transaction(request) as tx:
            refused = await service_codes.confirm_login(
                tx, me.account_id, name, form.code, secret=secret_of(request), now=web.now(request)
            )
        if refused:
            raise refused
    except (Refusal, Refusals) as problem:
        gone = isinstance(problem, CodeGone)
        return await _security(
            request, problem, pending="" if gone else pending, pending_login=form.login
        )
    return redirect("/me/security?done=login")


@post("/me/logins/remove", include_in_schema=False)
async def post_login_remove(request: web.AnyRequest) -> Response[Any]:
    """POST /me/logins/remove: 303; 409 the last one, 404 not mine."""
    me = web.signed_in(request)
    form = await web.read_form(request, LoginForm)
    try:
        name = rules.parse_login(form.login)
        async with web.transaction(request) as tx:
            await service.remove_login(tx, me.account_id, name)
    except (Refusal, Refusals) as problem:
        return await _security(request, problem)
    return redirect("/me/security?done=login_removed")


@post("/me/sessions/{session_id:str}/end", include_in_schema=False)
async def post_session_end(request: web.AnyRequest) -> Response[Any]:
    """POST /me/sessions/{session_id}/end: 303 that device is signed out; 404 not mine or over."""
    me = web.signed_in(request)
    session_id = web.path_id(request, "session_id")
    async with web.transaction(request) as tx:
        await service_sessions.end_session(tx, me.account_id, session_id, now=web.now(request))
    entrance.forget(request, me.account_id)
    if session_id == me.session_id:
        return entrance.let_out(request, "/")
    return redirect("/me/security?done=session")


@post("/me/sessions/end-all", include_in_schema=False)
async def post_sessions_end(request: web.AnyRequest) -> Response[Any]:
    """POST /me/sessions/end-all: signed out everywhere, here too; 303 to the sign-in page."""
    me = web.signed_in(request)
    async with web.transaction(request) as tx:
        await service_sessions.end_all_sessions(tx, me.account_id, now=web.now(request))
    entrance.forget(request, me.account_id)
    return entrance.let_out(request, "/sign-in")


@post("/me/close", include_in_schema=False)
async def post_close(request: web.AnyRequest) -> Response[Any]:
    """POST /me/close: 303 home, the account is closed; 409 owns a shop, 422 wrong password."""
    me = web.signed_in(request)
    form = await web.read_form(request, CloseForm)
    try:
        await _check_present(request, form.present_close)
        async with web.transaction(request) as tx:
            await _close(request, tx)
    except (Refusal, Refusals) as problem:
        return await _security(request, problem)
    entrance.forget(request, me.account_id)
    return entrance.let_out(request, "/")


async def _check_present(request: web.AnyRequest, password: str) -> None:
    me = web.signed_in(request)
    await spend(request, (entrance.PASSWORD_TRY, str(me.account_id)))
    async with web.read(request) as tx:
        account = await service.get_account(tx, me.account_id)
    if account.password_hash and not await passwords.fits(password, account.password_hash):
        raise PasswordWrong(field="present_close")


async def _close(request: web.AnyRequest, tx: Tx) -> None:
    me = web.signed_in(request)
    owns = any(role is web.ShopRole.OWNER for role in me.shops.values())
    await service.close_account(tx, me.account_id, owns_shops=owns, now=web.now(request))


routes = [
    get_me,
    get_profile,
    post_profile,
    get_security,
    post_password,
    post_login,
    post_login_confirm,
    post_login_remove,
    post_session_end,
    post_sessions_end,
    post_close,
]
