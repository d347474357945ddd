"""A buyer's browser on a small market of one's own, and how many statements a page costs."""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest_asyncio

from jishi.db import Pool, transaction
from jishi.kit.ids import AccountId, AddressId, IdMaker, cell_of
from jishi.modules import accounts, places
from tests.support.forms import token_of
from tests.support.makers import Goods, Town, a_town

_ADDRESS = places.AddressDraft(
    receiver="A Buyer", phone="+6561234567", detail="1 Harbour Road", country="SG", city="Singapore"
)


@dataclass(slots=True)
class Browser:
    """A signed-in buyer's browser; it posts forms with the token of a page it has seen."""

    http: httpx.AsyncClient
    account_id: AccountId
    address_id: AddressId
    token: str = ""  # bearer, for the API

    async def get(self, path: str, **more: Any) -> httpx.Response:
        return await self.http.get(path, **more)

    async def post(self, path: str, **fields: Any) -> httpx.Response:
        token = await token_of(self.http, "/me/addresses/new")
        return await self.http.post(path, data={"_csrf": token, **fields})

    async def api(self, method: str, path: str, **more: Any) -> httpx.Response:
        headers = {"authorization": f"Bearer {self.token}"}
        async with httpx.AsyncClient(
            transport=self.http._transport, base_url="http://market.test"
        ) as bare:
            return await bare.request(method, path, headers=headers, **more)


async def a_buyer(app: Any, pool: Pool, ids: IdMaker, *, locale: str = "en") -> Browser:
    now = datetime.now(UTC)
    async with transaction(pool) as tx:
        account_id = await accounts.open_account(
            tx, ids, name="A Buyer", logins=[f"b{ids.make(0)}@market.test"], password_hash="x",
            locale=locale, now=now,
        )  # fmt: skip
        address_id = AddressId(ids.make(cell_of(account_id)))
        await places.create_address(
            tx, _ADDRESS, account_id=account_id, address_id=address_id, now=now
        )
        session, bearer = [
            await accounts.open_session(tx, ids, account_id, device="test", is_api=it, now=now)
            for it in (False, True)
        ]
    http = httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app, raise_app_exceptions=False),
        base_url="http://market.test",
        cookies={"jishi_session": session, "lang": locale},
    )
    return Browser(http, account_id, address_id, bearer)


@pytest_asyncio.fixture(loop_scope="session")
async def app_pool(app: Any) -> Pool:
    found: Pool = app.state.pool
    return found


@pytest_asyncio.fixture(loop_scope="session")
async def buyer(app: Any, pool: Pool, ids: IdMaker) -> AsyncIterator[Browser]:
    made = await a_buyer(app, pool, ids)
    yield made
    await made.http.aclose()


@pytest_asyncio.fixture(loop_scope="session")
async def shop(pool: Pool, ids: IdMaker) -> Town:
    """Two shops with two products each, 100 pieces of every SKU; freight 5.00, free from 100.00."""
    now = datetime.now(UTC)
    return await a_town(
        pool, ids, freight_minor=500, free_freight_from_minor=100_00, now=now, buyers=0
    )


@contextmanager
def statements(pool: Pool) -> Iterator[list[str]]:
    """The statements the pool's connections run meanwhile."""
    seen: list[str] = []

    def note(record: Any) -> None:
        if not record.query.upper().startswith(("BEGIN", "COMMIT", "ROLLBACK", "SELECT PG_")):
            seen.append(record.query)

    held = [it._con for it in pool._holders if it._con is not None]
    for connection in held:
        connection.add_query_logger(note)
    try:
        yield seen
    finally:
        for connection in held:
            connection.remove_query_logger(note)


def line_of(goods: Goods, quantity: int = 1, price_minor: int | None = None) -> str:
    """A line as the checkout's form carries it."""
    return f"{goods.sku_id}.{quantity}.{goods.price_minor if price_minor is None else price_minor}"
