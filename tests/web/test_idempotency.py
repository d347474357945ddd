"""Idempotency-Key on calls outside the hot path: one effect, the same answer, another body refused."""

import httpx

from jishi import db
from jishi.kit.ids import IdMaker
from jishi.modules import accounts
from tests.support.makers import NOON

ADDRESS = {
    "country": "SG",
    "receiver": "Bench Buyer",
    "phone": "+6561234567",
    "detail": "1 Harbour Road",
    "city": "Singapore",
}


async def _headers(pool: db.Pool, ids: IdMaker, key: str) -> dict[str, str]:
    async with db.transaction(pool) as tx:
        name = f"key{ids.make(0)}@market.example"
        account_id = await accounts.open_account(tx, ids, name="Key", logins=[name], now=NOON)
        token = await accounts.open_session(
            tx, ids, account_id, is_api=True, now=await tx.fetchval("SELECT now()")
        )
    return {"authorization": f"Bearer {token}", "idempotency-key": key}


async def test_a_repeat_gets_the_first_answer_and_has_no_second_effect(
    client: httpx.AsyncClient, pool: db.Pool, ids: IdMaker
) -> None:
    headers = await _headers(pool, ids, "one")
    first = await client.post("/api/v1/addresses", json=ADDRESS, headers=headers)
    again = await client.post("/api/v1/addresses", json=ADDRESS, headers=headers)
    assert first.status_code == 201, first.text
    assert again.status_code == 201, again.text
    assert again.content == first.content
    assert again.headers["idempotency-replayed"] == "true"
    listed = await client.get("/api/v1/addresses", headers=headers)
    assert len(listed.json()["items"]) == 1


async def test_the_same_key_with_another_body_is_refused(
    client: httpx.AsyncClient, pool: db.Pool, ids: IdMaker
) -> None:
    headers = await _headers(pool, ids, "two")
    await client.post("/api/v1/addresses", json=ADDRESS, headers=headers)
    other = await client.post("/api/v1/addresses", json=ADDRESS | {"city": "Else"}, headers=headers)
    assert other.status_code == 409
    assert other.json()["code"] == "idempotency.key_reused"


async def test_a_refused_call_leaves_the_key_free(
    client: httpx.AsyncClient, pool: db.Pool, ids: IdMaker
) -> None:
    headers = await _headers(pool, ids, "three")
    bad = await client.post("/api/v1/addresses", json=ADDRESS | {"phone": "12"}, headers=headers)
    assert bad.status_code == 422
    good = await client.post("/api/v1/addresses", json=ADDRESS, headers=headers)
    assert good.status_code == 201, good.text


async def test_a_key_that_is_too_long_is_refused(
    client: httpx.AsyncClient, pool: db.Pool, ids: IdMaker
) -> None:
    headers = await _headers(pool, ids, "k" * 129)
    answer = await client.post("/api/v1/addresses", json=ADDRESS, headers=headers)
    assert answer.status_code == 422
    assert answer.json()["code"] == "idempotency.key_missing"
