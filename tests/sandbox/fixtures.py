"""A sandbox process, a merchant that listens to it, and a program that speaks to it."""

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.sandbox.harness import Api, Merchant, SandboxProcess


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
