"""HTTP for carriers."""

from typing import Any, Final

from litestar import Response, get

from jishi import web
from jishi.modules.fulfilment.carriers import list_carriers
from jishi.web.answer import json

LIMIT: Final = 2000  # more than the list has
Q_MAX: Final = 60


@get("/api/v1/carriers")
async def get_carriers(request: web.AnyRequest) -> Response[Any]:
    """GET /api/v1/carriers (q): carriers whose code or name holds q, common ones first; 200."""
    q = request.query_params.get("q", "")[:Q_MAX]
    found = list_carriers(q, limit=LIMIT)
    items = [{"code": it.code, "name": it.name, "name_en": it.name_en or it.name} for it in found]
    answer = json({"items": items})
    answer.headers["cache-control"] = "public, max-age=3600"
    return answer


routes = [get_carriers]
