from collections.abc import AsyncIterator, Iterator
from itertools import count

import pytest

from tests.sandbox.harness import Api, Merchant, SandboxProcess

_numbers = count(1)


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
def number() -> str:
    return f"90000000000{next(_numbers):04}"
