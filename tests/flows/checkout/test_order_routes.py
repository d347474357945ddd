"""What a buyer does with an order over HTTP: confirm, cancel, refund; only their own, only in time."""

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from jishi.db import Pool
from jishi.kit.ids import IdMaker, OrderId
from tests.support.buying import Browser, a_buyer
from tests.support.makers import Buyer, Town, an_order, committed, state_of

DONE = [("unpaid", "cancel", 250), ("to_ship", "refund", 200), ("shipped", "confirm", 100)]
TOO_LATE = [
    ("to_ship", "cancel", 20),
    ("unpaid", "refund", 10),
    ("shipped", "refund", 30),
    ("unpaid", "confirm", 10),
    ("to_ship", "confirm", 20),
]


async def order_of(buyer: Browser, pool: Pool, ids: IdMaker, shop: Town, *, until: str) -> OrderId:
    town = Town(shop.shops, shop.goods, [Buyer(buyer.account_id, buyer.address_id)])
    now = datetime.now(UTC)
    return await committed(pool, lambda tx: an_order(tx, ids, town, until=until, at=now))


@pytest.mark.parametrize(("until", "act", "state"), DONE)
async def test_it_is_done_and_said_on_the_order(
    buyer: Browser, pool: Pool, ids: IdMaker, shop: Town, until: str, act: str, state: int
) -> None:
    order_id = await order_of(buyer, pool, ids, shop, until=until)
    answer = await buyer.post(f"/orders/{order_id}/{act}")
    assert answer.headers["location"] == f"/orders/{order_id}"
    assert await state_of(pool, order_id) == state
    assert 'class="toast"' in (await buyer.get(f"/orders/{order_id}")).text


@pytest.mark.parametrize(("until", "act", "state"), TOO_LATE)
async def test_what_the_state_forbids_is_told_and_changes_nothing(
    buyer: Browser, pool: Pool, ids: IdMaker, shop: Town, until: str, act: str, state: int
) -> None:
    order_id = await order_of(buyer, pool, ids, shop, until=until)
    answer = await buyer.post(f"/orders/{order_id}/{act}")
    assert "bad%3A" in answer.headers["set-cookie"]
    assert await state_of(pool, order_id) == state


@pytest.mark.parametrize(("until", "act", "state"), DONE)
async def test_nobody_else_may(
    app: Any, buyer: Browser, pool: Pool, ids: IdMaker, shop: Town, until: str, act: str, state: int
) -> None:
    del state
    order_id = await order_of(buyer, pool, ids, shop, until=until)
    before = await state_of(pool, order_id)
    other = await a_buyer(app, pool, ids)
    assert (await other.post(f"/orders/{order_id}/{act}")).status_code == 404
    assert await state_of(pool, order_id) == before
    await other.http.aclose()


async def test_a_visitor_and_a_forged_form_may_not(
    client: httpx.AsyncClient, buyer: Browser
) -> None:
    await client.get("/")
    assert (await client.post("/orders/1/confirm")).status_code in {303, 403}
    assert (await buyer.http.post("/orders/1/confirm")).status_code == 403
