"""People who speak to the API with a token of their own."""

from dataclasses import dataclass
from typing import Any

import httpx

from jishi.db import Pool
from jishi.kit.ids import AccountId, AddressId, IdMaker, ShopId, cell_of
from tests.support.forms import a_phone
from tests.support.makers import NOON, Buyer

_ADDRESS = """
INSERT INTO address (cell, id, account_id, country, receiver, phone, detail, city, created_at, updated_at)
VALUES ($1, $2, $3, 'SG', 'A Buyer', '+6560000000', '1 Harbour Road', 'Singapore', $4, $4)
"""
_STAFF = """
INSERT INTO shop_staff (cell, shop_id, account_id, role, added_at, added_by)
VALUES ($1, $2, $3, $4, $5, $3)
"""


@dataclass(frozen=True, slots=True)
class Person:
    """Signed in; ``post`` sends JSON with the person's token."""

    client: httpx.AsyncClient
    token: str
    account_id: AccountId
    address_id: AddressId

    @property
    def buyer(self) -> Buyer:
        return Buyer(self.account_id, self.address_id)

    async def post(self, path: str, body: Any = None, **headers: str) -> httpx.Response:
        headers = {"authorization": f"Bearer {self.token}", **headers}
        return await self.client.post(path, json=body, headers=headers)


async def a_person(client: httpx.AsyncClient, pool: Pool, ids: IdMaker, **roles: ShopId) -> Person:
    """A new account with an address; ``roles``: ``clerk=shop_id`` makes it staff of a shop."""
    body = {"name": "Lin", "login": a_phone(), "password": "four plain words"}
    said = (await client.post("/api/v1/accounts", json=body)).json()
    account_id = AccountId(int(said["account_id"]))
    cell = cell_of(account_id)
    address_id = AddressId(ids.make(cell))
    await pool.execute(_ADDRESS, cell, address_id, account_id, NOON)
    for role, shop_id in roles.items():
        await pool.execute(_STAFF, cell_of(shop_id), shop_id, account_id, role, NOON)
    client.cookies.clear()
    return Person(client, said["token"], account_id, address_id)
