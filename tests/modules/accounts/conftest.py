"""The accounts' and notices' part of the market, rate limits off."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest_asyncio

from jishi.modules.accounts.routes import routes as accounts_routes
from jishi.modules.notices.routes import routes as notices_routes
from jishi.settings import Settings
from tests.support.part import part


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def app(market_settings: Settings, database_dsn: str) -> AsyncIterator[object]:
    routes = [*accounts_routes, *notices_routes]
    async with part(routes, replace(market_settings, limit_factor=0), database_dsn) as made:
        yield made
