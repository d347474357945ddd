"""Forged requests are refused: every unsafe request proves that a page of ours made it.

The token is an HMAC over the session cookie (a visitor's: over a random cookie) with the market's
secret; nothing is stored. Exempt are bearer tokens, which no browser sends by itself, anonymous API
calls, which act for nobody, and handlers with ``csrf=False``, which check a signature instead.
"""

import hmac
from base64 import urlsafe_b64encode
from functools import lru_cache
from hashlib import sha256
from secrets import token_urlsafe
from typing import Any, Final

from litestar.connection import ASGIConnection

from jishi.keys import read_key
from jishi.kit.errors import Kind, Refusal
from jishi.web.limits import API_WRITES, factor_of
from jishi.web.request import AnyRequest, identity, now

SESSION_COOKIE: Final = "jishi_session"
VISITOR_COOKIE: Final = "jishi_visitor"
FIELD: Final = "_csrf"
HEADER: Final = "x-csrf-token"
SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
UNCHECKED: Final = frozenset({"/preferences"})  # error pages carry its form without a token
PAGELESS: Final = ("/api/", "/static/", "/media/", "/health", "/manifest.webmanifest")
TOKEN_BYTES: Final = 18
FORMS: Final = ("application/x-www-form-urlencoded", "multipart/form-data")

Connection = ASGIConnection[Any, Any, Any, Any]
_secret = lru_cache(maxsize=8)(read_key)  # the file is read once in a process


class FormTooOld(Refusal):
    kind, code = Kind.FORBIDDEN, "csrf"
    text = "This page is too old to send from. Nothing was changed; reload it and try again."


async def before_request(request: AnyRequest) -> None:
    """Gives the request its instant, locale and form token, and refuses forged ones.

    Raises FormTooOld; Limited when a session writes to the API faster than a person or shop would.
    """
    from jishi.web.pages import locale_of  # pages and errors stand on this module's neighbours

    now(request)
    path = request.scope["path"]
    is_api = path.startswith("/api/")
    if not path.startswith(PAGELESS):
        request.state.locale = locale_of(request)
        ensure(request)
    if request.method in SAFE:
        return
    who = identity(request)
    if is_api and who is not None:
        API_WRITES.take(who.session_id, factor=factor_of(request))
    if needs_token(request, is_api=is_api) and not await _carries_token(request):
        raise FormTooOld


def needs_token(request: AnyRequest, *, is_api: bool) -> bool:
    who = identity(request)
    if who is not None and who.by_token:
        return False
    if who is None and is_api:
        return False
    return (
        bool(request.route_handler.opt.get("csrf", True)) and request.scope["path"] not in UNCHECKED
    )


async def _carries_token(request: AnyRequest) -> bool:
    wanted = token_of(request)
    given = request.headers.get(HEADER)
    if given is None and request.headers.get("content-type", "").startswith(FORMS):
        given = (await request.form()).get(FIELD)
    return (
        bool(wanted)
        and isinstance(given, str)
        and hmac.compare_digest(given.encode("utf-8", "replace"), wanted.encode())
    )


def ensure(request: AnyRequest) -> str:
    """The request's form token, kept in ``state.csrf``; a new visitor gets a cookie for it.

    For pages made where ``before_request`` did not run, such as "not found".
    """
    held: str | None = getattr(request.state, "csrf", None)
    if held:
        return held
    if not _binding(request):
        request.state.new_visitor = token_urlsafe(16)
    token = request.state.csrf = token_of(request)
    return token


def token_of(request: AnyRequest) -> str:
    """The token this request has to carry; empty for a visitor who has not seen a page yet."""
    binding = _binding(request) or getattr(request.state, "new_visitor", "")
    if not binding:
        return ""
    made = hmac.digest(secret_of(request), b"csrf\0" + binding.encode(), sha256)
    return urlsafe_b64encode(made[:TOKEN_BYTES]).decode()


def _binding(request: AnyRequest) -> str:
    headers = request.scope["headers"]
    return cookie(headers, SESSION_COOKIE) or cookie(headers, VISITOR_COOKIE)


def secret_of(request: AnyRequest) -> bytes:
    """The market's secret: 32 bytes, the same in every process."""
    return _secret(request.app.state.settings.secret_file)


def session_token(connection: Connection) -> tuple[str, bool]:
    """The session token a connection carries, and whether as a bearer token; empty without one."""
    headers = connection.scope["headers"]
    for name, value in headers:
        if name == b"authorization" and value[:7].lower() == b"bearer ":
            return value[7:].strip().decode("latin-1"), True
    return cookie(headers, SESSION_COOKIE), False


def cookie(headers: Any, name: str) -> str:
    """The value of a cookie in raw ASGI headers; empty without one. Cheaper than parsing all."""
    wanted = name.encode() + b"="
    for key, value in headers:
        if key == b"cookie" and wanted in value:
            for part in value.split(b";"):
                trimmed = part.strip()
                if trimmed.startswith(wanted):
                    return str(trimmed[len(wanted) :].decode("latin-1"))
    return ""


def is_secure(request: AnyRequest) -> bool:
    """Whether people reach this market over https, so that cookies must be Secure."""
    base: str = getattr(getattr(request.app.state, "settings", None), "base_url", "")
    return base.startswith("https:") or request.scope.get("scheme") == "https"
