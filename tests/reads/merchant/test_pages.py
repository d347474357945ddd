"""The merchant's console over ASGI: what each role sees, and what a page costs."""

import httpx
import pytest
import pytest_asyncio
from tests.support.console import Stall, a_stall, read

from jishi.db import Pool
from jishi.kit.ids import IdMaker


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def stall(pool: Pool, ids: IdMaker) -> Stall:
    return await a_stall(pool, ids)


PAGES = [
    "/merchant/{shop}",
    "/merchant/{shop}/orders",
    "/merchant/{shop}/orders?state=to_ship",
    "/merchant/{shop}/orders?late=1",
    "/merchant/{shop}/orders?state=completed",
    "/merchant/{shop}/orders?q=Thing",
    "/merchant/{shop}/orders?q=nothing+like+this",
    "/merchant/{shop}/orders?from=2020-01-01&to=2020-01-02",
    "/merchant/{shop}/funds",
    "/merchant/{shop}/funds?view=lines",
    "/merchant/{shop}/funds?view=lines&account=payable",
    "/merchant/{shop}/funds/month",
    "/merchant/{shop}/funds/check",
    "/merchant/{shop}/orders/waybills",
]


@pytest.mark.parametrize("path", PAGES)
async def test_pages_open_for_the_owner(client: httpx.AsyncClient, stall: Stall, path: str) -> None:
    answer = await read(client, stall, "owner", path)
    assert answer.status_code == 200, answer.text[-3000:]


@pytest.mark.parametrize(
    "kind",
    ["unpaid", "cancelled", "to_ship", "late", "shipped", "completed", "refunded", "failed"],
)
async def test_an_order_opens_in_every_state(
    client: httpx.AsyncClient, stall: Stall, kind: str
) -> None:
    answer = await read(client, stall, "owner", f"/merchant/{{shop}}/orders/{stall.orders[kind]}")
    assert answer.status_code == 200, answer.text[-3000:]
    assert str(stall.orders[kind]) in answer.text
