"""The authorisation table names every route, and nothing else."""

import re

import pytest
from litestar.handlers import HTTPRouteHandler, WebsocketRouteHandler

from jishi import app
from jishi.access import ACCESS
from jishi.web.auth import PUBLIC

DECIDED = re.compile(
    r"/(sign-(in|up|out)(/code)?|session|accounts|one-time-codes?|codes|code/entry|preferences)$"
    r"|/callbacks?\b"
    r"|^POST /api/v1/quote$"  # says what a purchase would cost; writes nothing
    r"|^POST /cart(/lines)?$"  # a visitor's cart, found by a signed cookie
)


def _routes() -> set[str]:
    """``METHOD /path`` of every handler the web process serves."""
    found: set[str] = set()
    for handler in app.routes():
        if isinstance(handler, HTTPRouteHandler):
            methods = {str(getattr(it, "value", it)) for it in handler.http_methods}
            found |= {f"{it} {path}" for it in methods for path in handler.paths}
        elif isinstance(handler, WebsocketRouteHandler):
            found |= {f"WS {path}" for path in handler.paths}
        else:
            pytest.fail(f"{handler!r} is no handler; the table cannot see into it")
    return {route for route in found if not route.startswith(("HEAD ", "OPTIONS "))}


def test_every_route_is_in_the_table() -> None:
    missing = _routes() - set(ACCESS)
    assert not missing


def test_every_line_of_the_table_is_a_route() -> None:
    leftover = set(ACCESS) - set(_routes())
    assert not leftover


def test_what_everyone_may_change_is_decided() -> None:
    """A public route that changes something is a decision: signing in, a visitor's cart, and what
    a provider says.
    """
    changing = {
        route
        for route, rule in ACCESS.items()
        if rule == PUBLIC and not route.startswith(("GET ", "WS "))
    }
    undecided = {route for route in changing if not DECIDED.search(route)}
    assert not undecided
