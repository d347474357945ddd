"""Headers every answer carries, so that a browser keeps to our pages and our files.

A hook on sending rather than on handlers: refusals, accidents and unknown addresses carry them too.
"""

from functools import lru_cache
from typing import Final
from urllib.parse import urlsplit

from litestar.types import Message, Scope

from jishi.settings import Settings
from jishi.web.csrf import VISITOR_COOKIE

YEAR_SECONDS: Final = 31_536_000
_ALWAYS: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"strict-origin-when-cross-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), payment=()"),
    (b"cross-origin-opener-policy", b"same-origin"),
)


async def before_send(message: Message, scope: Scope) -> None:
    """Adds what an answer does not set itself; a new visitor's cookie goes with the first page."""
    if message["type"] != "http.response.start":
        return
    settings: Settings | None = getattr(scope["litestar_app"].state, "settings", None)
    headers = message["headers"] = list(message["headers"])
    present = {name.lower() for name, _ in headers}
    sent = _headers(settings.base_url, settings.sandbox_url) if settings else _ALWAYS
    headers.extend(pair for pair in sent if pair[0] not in present)
    visitor = scope.get("state", {}).get("new_visitor")
    if visitor:
        headers.append((b"set-cookie", _visitor(visitor, settings)))


@lru_cache(maxsize=8)
def _headers(base_url: str, sandbox_url: str) -> tuple[tuple[bytes, bytes], ...]:
    more = [(b"content-security-policy", policy(sandbox_url).encode())]
    if base_url.startswith("https:"):
        more.append((b"strict-transport-security", f"max-age={YEAR_SECONDS}".encode()))
    return (*_ALWAYS, *more)


def policy(sandbox_url: str) -> str:
    """The content security policy; paying leads from a form of ours to the provider's page."""
    parts = urlsplit(sandbox_url)
    pay = f" {parts.scheme}://{parts.netloc}" if parts.netloc else ""
    return "; ".join(
        (
            "default-src 'self'",
            "script-src 'self'",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data:",
            "object-src 'none'",
            f"form-action 'self'{pay}",
            "frame-ancestors 'none'",
            "base-uri 'none'",
        )
    )


def _visitor(value: str, settings: Settings | None) -> bytes:
    secure = "; Secure" if settings and settings.base_url.startswith("https:") else ""
    return (
        f"{VISITOR_COOKIE}={value}; Path=/; Max-Age={YEAR_SECONDS}; HttpOnly; SameSite=Lax{secure}"
    ).encode()
