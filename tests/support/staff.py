"""Signed-in browsers and programs for tests of merchant pages."""

from datetime import UTC, datetime
from typing import Any

import httpx

from jishi import db
from jishi.kit.ids import AccountId, IdMaker, cell_of
from jishi.modules import accounts
from jishi.modules.shops import service as shops
from jishi.modules.shops.types import InvitationId
from tests.support.forms import token_in
from tests.support.goods import AShop, an_account


class Person:
    """A browser with a session; ``api`` sends the same session as a bearer token."""

    def __init__(self, client: httpx.AsyncClient, token: str) -> None:
        self._client = client
        self._token = token

    async def get(self, path: str) -> httpx.Response:
        return await self._client.get(path, headers=self._cookie)

    async def post(self, path: str, *, page: str = "/merchant", **given: Any) -> httpx.Response:
        """A form as the page at ``page`` would send it: ``data`` and, perhaps, ``files``."""
        token = token_in(await self.get(page))
        given.setdefault("data", {})
        headers = {**self._cookie, "x-csrf-token": token}
        return await self._client.post(path, headers=headers, **given)

    async def api(self, method: str, path: str, **given: Any) -> httpx.Response:
        bearer = {"authorization": f"Bearer {self._token}"}
        return await self._client.request(method, f"/api/v1{path}", headers=bearer, **given)

    @property
    def _cookie(self) -> dict[str, str]:
        return {"cookie": f"jishi_session={self._token}; lang=en"}


async def a_person(
    client: httpx.AsyncClient, pool: db.Pool, ids: IdMaker, account_id: AccountId
) -> Person:
    async with db.transaction(pool) as tx:
        token = await accounts.open_session(
            tx, ids, account_id, device="test", is_api=True, now=datetime.now(UTC)
        )
    return Person(client, token)


async def a_member(
    client: httpx.AsyncClient, pool: db.Pool, ids: IdMaker, shop: AShop, role: str
) -> Person:
    """Someone who joined a shop in ``role``."""
    now = datetime.now(UTC)
    async with db.transaction(pool) as tx:
        account_id = await an_account(tx, ids)
        token = await shops.invite(
            tx,
            shop.id,
            role,
            invitation_id=InvitationId(ids.make(cell_of(shop.id))),
            actor_id=shop.owner_id,
            now=now,
        )
        await shops.accept_invitation(tx, token, account_id=account_id, now=now)
    return await a_person(client, pool, ids, account_id)
