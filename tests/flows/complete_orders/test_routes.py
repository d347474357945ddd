"""What a buyer and a shop's staff may do with an order over HTTP: confirm, cancel, refund."""

import httpx
import pytest

from jishi.db import Pool, Tx
from jishi.kit.ids import IdMaker, OrderId
from tests.support.makers import (
    Town,
    a_checkout,
    a_town,
    committed,
    pay_all,
    place_all,
    ship_all,
    state_of,
)
from tests.support.persons import Person, a_person

pytestmark = pytest.mark.usefixtures("sound")
STATES = {"unpaid": 10, "to_ship": 20, "shipped": 30}


async def order_of(pool: Pool, ids: IdMaker, town: Town, person: Person, until: str) -> OrderId:
    async def work(tx: Tx) -> OrderId:
        placed = await place_all(tx, ids, [a_checkout(ids, person.buyer, town.goods[0])])
        if until != "unpaid":
            await pay_all(tx, ids, placed)
        if until == "shipped":
            await ship_all(tx, ids, placed[0].order_ids)
        return placed[0].order_ids[0]

    return await committed(pool, work)


@pytest.mark.parametrize(
    ("command", "until", "ends"),
    [("confirm", "shipped", 100), ("cancel", "unpaid", 250), ("refund", "to_ship", 200)],
)
async def test_a_buyer_commands_orders_of_their_own(
    client: httpx.AsyncClient, pool: Pool, ids: IdMaker, command: str, until: str, ends: int
) -> None:
    town = await a_town(pool, ids)
    person, stranger = [await a_person(client, pool, ids) for _ in range(2)]
    order_id = await order_of(pool, ids, town, person, until)
    path = f"/api/v1/orders/{order_id}/{command}"
    assert (await client.post(path)).status_code in {401, 403}
    assert (await stranger.post(path)).status_code == 404
    assert await state_of(pool, order_id) == STATES[until]
    said = await person.post(path)
    assert (said.status_code, said.json()["order_id"]) == (200, str(order_id))
    assert await state_of(pool, order_id) == ends
    again = await person.post(path)
    assert again.status_code == (200 if command == "confirm" else 409)


@pytest.mark.parametrize(
    ("command", "until"),
    [
        ("confirm", "unpaid"), ("confirm", "to_ship"), ("cancel", "to_ship"), ("cancel", "shipped"),
        ("refund", "unpaid"), ("refund", "shipped"),
    ],
)  # fmt: skip
async def test_an_order_elsewhere_is_left_alone(
    client: httpx.AsyncClient, pool: Pool, ids: IdMaker, command: str, until: str
) -> None:
    town, person = await a_town(pool, ids), await a_person(client, pool, ids)
    order_id = await order_of(pool, ids, town, person, until)
    assert (await person.post(f"/api/v1/orders/{order_id}/{command}")).status_code == 409
    assert await state_of(pool, order_id) == STATES[until]


@pytest.mark.parametrize(
    ("command", "until", "ends"), [("cancel", "unpaid", 250), ("refund", "to_ship", 200)]
)
async def test_staff_command_orders_of_their_shop(
    client: httpx.AsyncClient, pool: Pool, ids: IdMaker, command: str, until: str, ends: int
) -> None:
    town = await a_town(pool, ids)
    shop, other = town.shops
    person = await a_person(client, pool, ids)
    order_id = await order_of(pool, ids, town, person, until)
    path = f"/api/v1/shops/{shop}/orders/{order_id}/{command}"
    assert (await person.post(path)).status_code in {403, 404}
    packer = await a_person(client, pool, ids, warehouse=shop)
    assert (await packer.post(path)).status_code == 403
    neighbour = await a_person(client, pool, ids, clerk=other)
    theirs = f"/api/v1/shops/{other}/orders/{order_id}/{command}"
    assert (await neighbour.post(theirs)).status_code == 404
    assert await state_of(pool, order_id) == STATES[until]
    clerk = await a_person(client, pool, ids, clerk=shop)
    assert (await clerk.post(path)).status_code == 200
    assert await state_of(pool, order_id) == ends


@pytest.mark.parametrize("order_id", ["0", "-1", "x", "²", str(2**63), "9" * 30])
async def test_what_is_no_order_id_is_not_found(
    client: httpx.AsyncClient, pool: Pool, ids: IdMaker, order_id: str
) -> None:
    person = await a_person(client, pool, ids)
    assert (await person.post(f"/api/v1/orders/{order_id}/confirm")).status_code == 404
