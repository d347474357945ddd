"""HTTP of search beside the lists: suggestions while typing, a person's own searches."""

from typing import Any

from litestar import Response, get, post

from jishi import web
from jishi.modules.search import service
from jishi.web.answer import json, redirect


@get("/search/suggest", include_in_schema=False)
async def get_suggest(request: web.AnyRequest) -> Response[Any]:
    """GET /search/suggest (q): 200, the options of the search box; own and popular searches without q."""
    q, me, now = request.query_params.get("q", ""), web.identity(request), web.now(request)
    async with web.read(request) as tx:
        found = await service.suggest(tx, q)
        recent = await service.recent(tx, me.account_id, limit=6) if me and not q.strip() else []
        popular = await service.popular(tx, now=now) if not q.strip() else []
    return web.page(
        request, "search/suggest.html", suggestions=found, recent=recent, popular=popular
    )


@get("/api/v1/search/suggestions")
async def api_suggest(request: web.AnyRequest) -> Response[bytes]:
    """GET /api/v1/search/suggestions (q): 200 {"items": [{text, kind}]}; popular searches without q.

    kind: query (others searched for it) or word (goods have it).
    """
    q = request.query_params.get("q", "")
    async with web.read(request) as tx:
        if q.strip():
            found = await service.suggest(tx, q)
            items = [{"text": it.text, "kind": it.kind} for it in found]
        else:
            popular = await service.popular(tx, now=web.now(request))
            items = [{"text": it, "kind": "query"} for it in popular]
    return json({"items": items})


@get("/api/v1/me/searches")
async def api_recent(request: web.AnyRequest) -> Response[bytes]:
    """GET /api/v1/me/searches: 200 {"items": [text]}, the last twenty, the newest first."""
    async with web.read(request) as tx:
        found = await service.recent(
            tx, web.signed_in(request).account_id, limit=service.RECENT_KEPT
        )
    return json({"items": found})


@post("/search/recent/clear", status_code=303, include_in_schema=False)
async def post_clear(request: web.AnyRequest) -> Response[Any]:
    """POST /search/recent/clear: 303 to /search; one's own searches are forgotten."""
    async with web.transaction(request) as tx:
        await service.forget_recent(tx, web.signed_in(request).account_id)
    return redirect("/search")


routes = [get_suggest, api_suggest, api_recent, post_clear]
