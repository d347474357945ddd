"""A buyer's orders over HTTP: tabs, pages, one order in each state, nobody else's."""

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from jishi.db import Pool
from jishi.flows.ship_orders import ship
from jishi.kit.ids import IdMaker, OrderId
from jishi.reads.buyer_orders import queries, rules
from tests.support.buying import Browser, a_buyer, statements
from tests.support.makers import Buyer, Town, a_shipment, an_order, committed, shop_of

STATEMENTS_MAX = 7


async def orders_of(
    buyer: Browser, pool: Pool, ids: IdMaker, shop: Town, *states: str, pieces: int = 1
) -> list[OrderId]:
    town = Town(shop.shops, shop.goods, [Buyer(buyer.account_id, buyer.address_id)])
    now = datetime.now(UTC)
    return [
        await committed(
            pool, lambda tx, it=it: an_order(tx, ids, town, until=it, pieces=pieces, at=now)
        )
        for it in states
    ]


async def test_tabs_hold_their_states_and_count_them(
    buyer: Browser, pool: Pool, ids: IdMaker, shop: Town
) -> None:
    unpaid, to_ship, shipped, completed = await orders_of(
        buyer, pool, ids, shop, "unpaid", "to_ship", "shipped", "completed"
    )
    held = {"": 4, "unpaid": 1, "to_ship": 1, "shipped": 1, "completed": 1, "ended": 4}
    for tab, count in held.items():
        page = (await buyer.get(f"/orders?state={tab}")).text
        assert page.count('class="order-card"') == count, tab
    async with pool.acquire() as connection:
        counted = await queries.counts(connection, buyer.account_id)
    assert counted == {"": 4, "unpaid": 1, "to_ship": 1, "shipped": 1, "completed": 1, "closed": 0}
    page = (await buyer.get("/orders")).text
    assert all(f'href="/orders/{each}"' in page for each in (unpaid, to_ship, shipped, completed))
    assert 'href="/pay/' in page


async def test_an_empty_book_and_an_empty_tab_say_so(
    buyer: Browser, pool: Pool, ids: IdMaker, shop: Town
) -> None:
    assert "No orders yet" in (await buyer.get("/orders")).text
    await orders_of(buyer, pool, ids, shop, "unpaid")
    assert "No orders in this state" in (await buyer.get("/orders?state=shipped")).text


async def test_pages_follow_each_other_without_gap_or_repeat(
    buyer: Browser, pool: Pool, ids: IdMaker, shop: Town
) -> None:
    made = await orders_of(buyer, pool, ids, shop, *["unpaid"] * 5)
    seen, cursor = [], None
    async with pool.acquire() as connection:
        while True:
            page = await queries.list_orders(connection, "en", buyer.account_id, "", cursor, size=2)
            seen += [card.id for card in page.items]
            cursor = page.next_cursor
            if cursor is None:
                break
    assert seen == sorted(made, reverse=True)
    assert (await buyer.get("/orders?after=nonsense")).status_code == 422


@pytest.mark.parametrize(
    ("state", "words", "button"),
    [
        ("unpaid", "Waiting for your payment", 'data-open="cancel"'),
        ("to_ship", "Paid; the shop is packing", 'data-open="refund"'),
        ("shipped", "On its way to you", 'data-open="confirm"'),
        ("completed", "Completed", "Buy again"),
    ],
)
async def test_an_order_says_where_it_stands_and_what_can_be_done(
    buyer: Browser, pool: Pool, ids: IdMaker, shop: Town, state: str, words: str, button: str
) -> None:
    (order_id,) = await orders_of(buyer, pool, ids, shop, state)
    page = await buyer.get(f"/orders/{order_id}")
    assert page.status_code == 200
    assert words in page.text
    assert button in page.text
    assert "+6561234567" not in page.text
    if state == "shipped":
        assert "SF0000001" in page.text


async def test_a_part_shipped_order_shows_what_left(
    buyer: Browser, pool: Pool, ids: IdMaker, shop: Town
) -> None:
    (order_id,) = await orders_of(buyer, pool, ids, shop, "to_ship", pieces=3)
    now = datetime.now(UTC)

    async def part(tx: Any) -> Any:
        shipment = a_shipment(order_id, await shop_of(tx, order_id), [(1, 2)], at=now)
        return await ship(tx, [shipment], ids, confirm_after=now - now)

    await committed(pool, part)
    text = (await buyer.get(f"/orders/{order_id}")).text
    assert "A part is on its way" in text
    assert "2 of 3 shipped" in text
    assert "×2" in text


async def test_somebody_elses_order_is_not_there(
    app: Any, buyer: Browser, pool: Pool, ids: IdMaker, shop: Town
) -> None:
    (order_id,) = await orders_of(buyer, pool, ids, shop, "to_ship")
    other = await a_buyer(app, pool, ids)
    assert (await other.get(f"/orders/{order_id}")).status_code == 404
    assert (await other.api("GET", f"/api/v1/orders/{order_id}")).status_code == 404
    assert (await other.api("GET", "/api/v1/orders")).json()["items"] == []
    assert (await buyer.get("/orders/abc")).status_code == 404
    await other.http.aclose()


async def test_a_visitor_signs_in_first(client: httpx.AsyncClient) -> None:
    assert (await client.get("/orders")).headers["location"].startswith("/sign-in")
    assert (await client.get("/orders/1")).status_code == 303
    assert (await client.get("/api/v1/orders")).status_code == 401


async def test_programs_read_the_same(buyer: Browser, pool: Pool, ids: IdMaker, shop: Town) -> None:
    (order_id,) = await orders_of(buyer, pool, ids, shop, "shipped")
    listed = (await buyer.api("GET", "/api/v1/orders?state=shipped")).json()
    assert [item["id"] for item in listed["items"]] == [str(order_id)]
    whole = (await buyer.api("GET", f"/api/v1/orders/{order_id}")).json()
    assert whole["state"] == "shipped"
    assert whole["parcels"][0]["waybill"] == "SF0000001"
    assert whole["amount_minor"] == whole["goods_minor"] + whole["freight_minor"]
    for wrong in ("cursor", "state"):
        answer = await buyer.api("GET", f"/api/v1/orders?{wrong}=nonsense")
        assert (answer.status_code, answer.json()["field"]) == (422, wrong)


@pytest.mark.parametrize("path", ["/orders", "/orders/{order}"])
async def test_pages_cost_few_statements(
    buyer: Browser, pool: Pool, ids: IdMaker, shop: Town, app_pool: Pool, path: str
) -> None:
    made = await orders_of(buyer, pool, ids, shop, *["shipped"] * 4)
    path = path.format(order=made[0])
    await buyer.get(path)
    with statements(app_pool) as seen:
        assert (await buyer.get(path)).status_code == 200
    assert 0 < len(seen) <= STATEMENTS_MAX, seen


def test_every_state_has_its_words() -> None:
    shown = set(rules.HEADLINES)
    assert shown == set(rules.STEP_TEXTS)
    assert set(rules.AHEAD) <= shown
