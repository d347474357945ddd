"""The routes of places in a small application of their own."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from litestar import Litestar
from litestar.datastructures import State

from jishi.access import ACCESS
from jishi.db import Pool
from jishi.kit.ids import AccountId, IdMaker
from jishi.modules.places.routes import routes
from jishi.web.auth import Connection, Identity, make_guard
from jishi.web.errors import HANDLERS
from jishi.web.idempotency import keep_answer

ME = "x-test-account"


@pytest.fixture
async def web_client(pool: Pool, ids: IdMaker) -> AsyncIterator[httpx.AsyncClient]:
    """Speaks for the account in the header ``ME``; without it for a visitor."""

    async def identify(connection: Connection) -> Identity | None:
        account = connection.headers.get(ME)
        return Identity(account_id=AccountId(int(account)), name="Me") if account else None

    app = Litestar(
        routes,
        guards=[make_guard(ACCESS, identify)],
        after_request=keep_answer,  # handlers remember the one of the first application they are in
        exception_handlers=HANDLERS,  # type: ignore[arg-type]
        state=State({"pool": pool, "ids": ids}),
    )
    transport: Any = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://market.test") as client:
        yield client
