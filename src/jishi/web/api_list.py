"""The page that lists the JSON API: what each route takes and answers, read from the handlers.

A handler's docstring is its description, ``jishi.access`` says who may; so the list cannot differ
from what is served.
"""

import inspect
import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from litestar import Litestar, Response, get
from litestar.handlers import HTTPRouteHandler

from jishi.web.auth import Rule
from jishi.web.pages import page
from jishi.web.request import AnyRequest

PREFIX: Final = "/api/v1/"
SHOWN: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True, slots=True)
class Described:
    """A route of the API; ``text`` is in English, as the source has it."""

    method: str
    path: str
    text: str
    who: str

    @property
    def group(self) -> str:
        """``shops`` of ``/api/v1/shops/{shop_id}/orders``."""
        return self.path.removeprefix(PREFIX).partition("/")[0]


def describe(app: Litestar, access: Mapping[str, Rule]) -> dict[str, list[Described]]:
    """Every route below ``/api/v1/`` by group, in the order of the paths."""
    groups: dict[str, list[Described]] = defaultdict(list)
    for route in sorted(app.routes, key=lambda each: each.path):
        if not route.path.startswith(PREFIX):
            continue
        for handler in getattr(route, "route_handlers", ()):
            for method in sorted(_methods(handler), key=SHOWN.index):
                who = access[f"{method} {route.path}"].name
                path = re.sub(r":\w+}", "}", route.path)
                found = Described(method, path, _text(handler), who)
                groups[found.group].append(found)
    return dict(groups)


def _methods(handler: HTTPRouteHandler) -> list[str]:
    return [method for method in map(str, handler.http_methods) if method in SHOWN]


def _text(handler: HTTPRouteHandler) -> str:
    """The docstring without the method and path it begins with."""
    said = inspect.getdoc(handler.fn) or ""
    return re.sub(r"^(GET|POST|PUT|PATCH|DELETE) …?/\S*?(:\s+|\s+(?=[({?]))", "", said)


@get("/api/v1/docs")
async def get_docs(request: AnyRequest) -> Response[Any]:
    """GET /api/v1/docs: 200 this list, as a page."""
    return page(request, "frame/api.html", groups=request.app.state.api_list)


routes = [get_docs]
