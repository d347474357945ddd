"""A line told on the next page: kept in a short-lived cookie between a form and its redirect."""

from typing import Any, Final
from urllib.parse import quote, unquote

from litestar import Request, Response

COOKIE: Final = "flash"
KINDS: Final = ("ok", "info", "warn", "bad")
SECONDS: Final = 60
TEXT_MAX: Final = 300


def flash(answer: Response[Any], kind: str, text: str) -> Response[Any]:
    """``answer`` with ``text``, in the reader's language already, to be shown once."""
    assert kind in KINDS
    answer.set_cookie(
        key=COOKIE,
        value=quote(f"{kind}:{text[:TEXT_MAX]}", safe=""),
        max_age=SECONDS,
        path="/",
        httponly=True,
        samesite="lax",
    )
    return answer


def flashes(request: Request[Any, Any, Any]) -> list[tuple[str, str]]:
    """(kind, text) of what is to be told now. It is plain text: templates escape it."""
    kind, colon, text = unquote(request.cookies.get(COOKIE, "")).partition(":")
    return [(kind, text[:TEXT_MAX])] if colon and kind in KINDS and text else []


def forget(answer: Response[Any]) -> None:
    answer.delete_cookie(COOKIE, path="/")
