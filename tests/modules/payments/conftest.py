from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from jishi.db import Pool, open_pool
from jishi.modules.payments.sandbox import SandboxProvider, open_sandbox
from tests.sandbox.fixtures import api, merchant, sandbox
from tests.sandbox.harness import KEY, Merchant, SandboxProcess
from tests.support.database import TestServer

__all__ = ["api", "merchant", "sandbox"]


@pytest.fixture(scope="module")
async def pool(server: TestServer) -> AsyncIterator[Pool]:
    """Of a database of its own, which ``clean`` may empty."""
    with server.copy("payments") as dsn:
        async with await open_pool(dsn, size=4) as pool:
            yield pool


@pytest.fixture
async def clean(pool: Pool) -> Pool:
    await pool.execute("TRUNCATE payment, payment_ask, refund, payment_callback")
    return pool


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
