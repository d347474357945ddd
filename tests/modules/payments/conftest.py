from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime

import pytest

from jishi.db import Pool, open_pool
from jishi.modules.payments.sandbox import SandboxProvider, open_sandbox
from tests.sandbox.harness import KEY, Api, Merchant, SandboxProcess
from tests.support.database import TestServer, running_server


@pytest.fixture(scope="module")
def payments_server() -> Iterator[TestServer]:
    with running_server() as server:
        yield server


@pytest.fixture(scope="module")
async def pool(payments_server: TestServer) -> AsyncIterator[Pool]:
    with payments_server.copy("payments") as dsn:
        pool = await open_pool(dsn, size=4)
        try:
            yield pool
        finally:
            await pool.close()


@pytest.fixture
async def clean(pool: Pool) -> Pool:
    await pool.execute("TRUNCATE payment, payment_ask, refund, payment_callback")
    return pool


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    process = SandboxProcess(tmp_path_factory.mktemp("sandbox"))
    process.start()
    yield process
    if process.process and process.process.poll() is None:
        process.stop()


@pytest.fixture
async def merchant() -> AsyncIterator[Merchant]:
    merchant = Merchant()
    await merchant.open()
    yield merchant
    await merchant.close()


@pytest.fixture
def api(sandbox: SandboxProcess) -> Api:
    return Api(sandbox.url)


@pytest.fixture
async def provider(sandbox: SandboxProcess, merchant: Merchant) -> AsyncIterator[SandboxProvider]:
    provider = open_sandbox(
        base_url=sandbox.url,
        key=KEY,
        notify_url=merchant.notify_url,
        clock=lambda: datetime.now(UTC),
    )
    yield provider
    await provider.close()
