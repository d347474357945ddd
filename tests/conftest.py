"""What every test may ask for: a database of its own worker, a transaction, the app over ASGI."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import hypothesis
import pytest
import pytest_asyncio

from jishi import db, settings
from jishi.db.nodes import leased_maker
from jishi.kit.ids import IdMaker
from tests.support.database import TestServer, running_server, worker_name

# How long an example takes tells of the machine, not of the code: quickness is measured in bench/.
hypothesis.settings.register_profile(
    "jishi", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("jishi")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """A file stays on one worker; whole markets run one after another.

    Not by ``xdist_group``: xdist 3.8 writes the group into an id that pytest 9.2 does not read.
    """
    from xdist.scheduler import LoadScopeScheduling

    class ByFile(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = nodeid.partition("::")[0]
            return "markets" if file.startswith("tests/journey/") else file

    return ByFile(config, log)


@pytest.fixture(scope="session")
def server() -> Iterator[TestServer]:
    with running_server() as found:
        yield found


@pytest.fixture(scope="session")
def database_dsn(server: TestServer) -> Iterator[str]:
    """A migrated database for this worker's whole session."""
    with server.copy(worker_name()) as dsn:
        yield dsn


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def pool(database_dsn: str) -> AsyncIterator[db.Pool]:
    """Connections whose changes stay: for races and for tests that commit. They bring their own
    shops and people, so that nothing needs to be emptied."""
    made = await db.open_pool(database_dsn, size=12, application="jishi tests")
    yield made
    await made.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def ids(pool: db.Pool) -> AsyncIterator[IdMaker]:
    async with leased_maker(pool) as maker:
        yield maker


@pytest_asyncio.fixture(loop_scope="session")
async def tx(pool: db.Pool) -> AsyncIterator[db.Tx]:
    """A transaction that is rolled back."""
    async with pool.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        yield connection
        await transaction.rollback()


@pytest.fixture(scope="session")
def market_settings(
    tmp_path_factory: pytest.TempPathFactory, database_dsn: str
) -> settings.Settings:
    """Development settings on a home of this session; rate limits off."""
    home: Path = tmp_path_factory.mktemp("home")
    return settings.Settings(home=home, database_url=database_dsn, limit_factor=0)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def app(market_settings: settings.Settings, database_dsn: str) -> AsyncIterator[object]:
    """The whole application with its services running, over ASGI in this process."""
    from jishi.app import create_app

    made = create_app(market_settings, database_dsn)
    started, stop = asyncio.Event(), asyncio.Event()

    async def live() -> None:  # one task from start to end: the lifespan must not change tasks
        async with made.lifespan():
            started.set()
            await stop.wait()

    living = asyncio.create_task(live())
    waiting = asyncio.create_task(started.wait())
    await asyncio.wait({living, waiting}, return_when=asyncio.FIRST_COMPLETED)
    if living.done():
        living.result()
    yield made
    stop.set()
    await living


@pytest_asyncio.fixture(loop_scope="session")
async def client(app: object) -> AsyncIterator[httpx.AsyncClient]:
    """A visitor's browser: keeps cookies, does not follow redirects."""
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://market.test") as made:
        yield made
