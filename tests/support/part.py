"""A part of the market over ASGI: some modules' routes behind the real guard, hooks and handlers."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import httpx
from litestar import Litestar, Response

from jishi import db
from jishi.access import ACCESS
from jishi.app import identify
from jishi.db.nodes import leased_maker
from jishi.modules import notices
from jishi.reads.identity import Identities
from jishi.settings import Settings
from jishi.web import csrf, headers, idempotency, pages
from jishi.web.auth import make_guard
from jishi.web.errors import HANDLERS


@asynccontextmanager
async def part(routes: Sequence[Any], settings: Settings, dsn: str) -> AsyncIterator[Litestar]:
    app = Litestar(
        [*pages.routes, *routes],
        guards=[make_guard(ACCESS, identify)],
        before_request=csrf.before_request,
        after_request=idempotency.keep_answer,  # handlers remember that of their first application
        before_send=[headers.before_send],
        exception_handlers=HANDLERS,  # type: ignore[arg-type]
        response_class=Response,
        openapi_config=None,
        logging_config=None,
    )
    async with (
        await db.open_pool(dsn, size=6, application="jishi tests") as pool,
        leased_maker(pool) as maker,
    ):
        app.state.pool, app.state.ids, app.state.settings = pool, maker, settings
        app.state.identities = Identities(pool)
        app.state.me_figures = app.state.identities.figures
        app.state.send_notice = notices.send_to_address
        following = asyncio.create_task(app.state.identities.follow(dsn))
        try:
            yield app
        finally:
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)


def browser(app: object, *, base_url: str = "http://market.test") -> httpx.AsyncClient:
    """Another visitor: keeps cookies, does not follow redirects."""
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)  # type: ignore[arg-type]
    return httpx.AsyncClient(transport=transport, base_url=base_url)
