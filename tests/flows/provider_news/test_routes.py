from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import msgspec
import pytest

from jishi.db import Pool
from jishi.flows.place_orders import Placed
from jishi.kit.ids import IdMaker
from jishi.modules.payments.signing import signed_headers
from tests.support.makers import NOON, a_checkout, a_town, committed, place_all, state_of

pytestmark = pytest.mark.usefixtures("sound")
PATH = "/api/v1/payments/callbacks/sandbox"


async def a_placed(pool: Pool, ids: IdMaker) -> Placed:
    town = await a_town(pool, ids)
    asked = a_checkout(ids, town.buyers[0], town.goods[0])
    return (await committed(pool, lambda tx: place_all(tx, ids, [asked])))[0]


def a_word(placed: Placed, **changes: Any) -> dict[str, Any]:
    return {
        "id": f"word-{placed.payment_id}",
        "event": "payment.paid",
        "out_trade_no": str(placed.payment_id),
        "trade_no": "SB1",
        "amount_minor": placed.amount_minor,
        "currency": "CNY",
        "occurred_at": NOON,
        **changes,
    }


async def tell(
    client: httpx.AsyncClient,
    app: Any,
    body: bytes,
    *,
    now: datetime | None = None,
    path: str = PATH,
) -> httpx.Response:
    """As the sandbox does: signed with the key both know."""
    key = app.state.providers["sandbox"].key
    moment = now or datetime.now(UTC)
    headers = signed_headers(key, "POST", path, body, nonce="n" * 16, now=moment)
    return await client.post(PATH, content=body, headers=headers)


async def test_a_payment_told_once_and_again(
    client: httpx.AsyncClient, app: object, pool: Pool, ids: IdMaker
) -> None:
    placed = await a_placed(pool, ids)
    body = msgspec.json.encode(a_word(placed))
    for verdict in ("recorded", "repeat", "repeat"):
        said = await tell(client, app, body)
        assert (said.status_code, said.json()["verdict"]) == (200, verdict)
    assert await state_of(pool, placed.order_ids[0]) == 20


@pytest.mark.parametrize(
    ("_case", "changes", "status", "verdict"),
    [
        ("too little", {"amount_minor": 1}, 200, "wrong_amount"),
        ("another currency", {"currency": "EUR"}, 200, "wrong_amount"),
        ("nobody's payment", {"out_trade_no": "5"}, 404, "unknown"),
        ("a close", {"event": "payment.closed"}, 200, "noted"),
    ],
)
async def test_a_word_that_pays_nothing(
    client: httpx.AsyncClient, app: object, pool: Pool, ids: IdMaker,
    _case: str, changes: dict[str, Any], status: int, verdict: str,
) -> None:  # fmt: skip
    placed = await a_placed(pool, ids)
    body = msgspec.json.encode(a_word(placed, id=str(ids.make(0)), **changes))
    said = await tell(client, app, body)
    assert (said.status_code, said.json()["verdict"]) == (status, verdict)
    assert await state_of(pool, placed.order_ids[0]) == 10


@pytest.mark.parametrize(
    ("_case", "changes"),
    [
        ("no number", {"out_trade_no": "x"}),
        ("an unknown event", {"event": "payment.maybe"}),
        ("a refund without one", {"event": "refund.succeeded"}),
        ("an amount in words", {"amount_minor": "ten"}),
        ("an amount beyond any column", {"amount_minor": 10**30}),
        ("an id no column keeps", {"id": "a\0b"}),
    ],
)
async def test_a_word_that_makes_no_sense(
    client: httpx.AsyncClient, app: object, pool: Pool, ids: IdMaker,
    _case: str, changes: dict[str, Any],
) -> None:  # fmt: skip
    placed = await a_placed(pool, ids)
    said = await tell(client, app, msgspec.json.encode(a_word(placed, **changes)))
    assert (said.status_code, said.json()["code"]) == (422, "payments.news_unreadable")
    assert await state_of(pool, placed.order_ids[0]) == 10


async def test_a_signature_that_does_not_hold(
    client: httpx.AsyncClient, app: object, pool: Pool, ids: IdMaker
) -> None:
    placed = await a_placed(pool, ids)
    body = msgspec.json.encode(a_word(placed))
    bare = await client.post(PATH, content=body)
    old = await tell(client, app, body, now=datetime.now(UTC) - timedelta(minutes=6))
    elsewhere = await tell(client, app, body, path="/api/v1/payments/callbacks/other")
    key = app.state.providers["sandbox"].key  # type: ignore[attr-defined]
    headers = signed_headers(key, "POST", PATH, body, nonce="n", now=datetime.now(UTC))
    changed = await client.post(PATH, content=body + b" ", headers=headers)
    for said in (bare, old, elsewhere, changed):
        assert (said.status_code, said.json()["code"]) == (401, "payments.bad_signature")
    assert await state_of(pool, placed.order_ids[0]) == 10


async def test_nobody_knows_this_provider(client: httpx.AsyncClient) -> None:
    said = await client.post("/api/v1/payments/callbacks/mint", content=b"{}")
    assert (said.status_code, said.json()["code"]) == (404, "payments.provider_unknown")
