from typing import Any

import httpx
import pytest

from jishi.db import Pool
from jishi.kit.ids import IdMaker, ShopId, cell_of
from tests.support.makers import a_town, an_order, committed, state_of
from tests.support.persons import a_person

pytestmark = pytest.mark.usefixtures("sound")


def path(shop_id: ShopId) -> str:
    return f"/api/v1/shops/{shop_id}/shipments"


def a_shipment(order_id: object, **changes: Any) -> dict[str, Any]:
    return {"order_id": str(order_id), "carrier": "SF", "waybill": "SF0000001", **changes}


async def test_shipping_a_list_answers_each(
    client: httpx.AsyncClient, pool: Pool, ids: IdMaker
) -> None:
    town = await a_town(pool, ids)
    packer = await a_person(client, pool, ids, warehouse=town.shops[0])
    orders = [
        await committed(pool, lambda tx: an_order(tx, ids, town, until="to_ship", pieces=3))
        for _ in range(4)
    ]
    said = await packer.post(
        path(town.shops[0]),
        {
            "shipments": [
                a_shipment(orders[0]),
                a_shipment(orders[1], lines=[{"line": 1, "quantity": 2}]),
                a_shipment(orders[2], lines=[{"line": 40_000, "quantity": 10**30}]),
                a_shipment(orders[3], carrier="\0"),
                a_shipment(77),
            ]
        },
    )
    assert said.status_code == 200
    assert [(each["ok"], each["code"]) for each in said.json()["results"]] == [
        (True, "shipped"),
        (True, "part_shipped"),
        (False, "orders.too_many_pieces"),
        (False, "parcels.carrier_missing"),
        (False, "orders.unknown"),
    ]
    assert [await state_of(pool, each) for each in orders] == [30, 21, 20, 20]


async def test_who_may_not(client: httpx.AsyncClient, pool: Pool, ids: IdMaker) -> None:
    town = await a_town(pool, ids)
    order_id = await committed(pool, lambda tx: an_order(tx, ids, town, until="to_ship"))
    body = {"shipments": [a_shipment(order_id)]}
    nobody = await client.post(path(town.shops[0]), json=body)
    assert nobody.status_code in {401, 403}
    stranger = await a_person(client, pool, ids)
    assert (await stranger.post(path(town.shops[0]), body)).status_code in {403, 404}
    neighbour = await a_person(client, pool, ids, owner=town.shops[1])
    assert (await neighbour.post(path(town.shops[0]), body)).status_code in {403, 404}
    said = await neighbour.post(path(town.shops[1]), body)
    assert said.json()["results"][0]["code"] == "orders.unknown"
    assert await state_of(pool, order_id) == 20


@pytest.mark.parametrize(
    ("_case", "body"),
    [
        ("nothing", {"shipments": []}),
        ("501", {"shipments": [a_shipment(1)] * 501}),
        ("no list", {"shipments": None}),
        ("an order that is no number", {"shipments": [a_shipment("x")]}),
    ],
)
async def test_what_is_no_list_of_shipments(
    client: httpx.AsyncClient, pool: Pool, ids: IdMaker, _case: str, body: Any
) -> None:
    town = await a_town(pool, ids)
    packer = await a_person(client, pool, ids, warehouse=town.shops[0])
    assert (await packer.post(path(town.shops[0]), body)).status_code == 422


async def test_carriers_and_numbers_are_kept_as_carriers_write_them(
    client: httpx.AsyncClient, pool: Pool, ids: IdMaker
) -> None:
    town = await a_town(pool, ids)
    packer = await a_person(client, pool, ids, warehouse=town.shops[0])
    orders = [
        await committed(pool, lambda tx: an_order(tx, ids, town, until="to_ship")) for _ in range(2)
    ]
    shipments = [
        a_shipment(orders[0], carrier="顺丰", waybill=" sf 000 0002 "),
        a_shipment(orders[1], carrier="our own van", waybill="VAN-0001"),
    ]
    said = await packer.post(path(town.shops[0]), {"shipments": shipments})
    assert [each["ok"] for each in said.json()["results"]] == [True, True]
    parcels = [
        await pool.fetchrow(
            "SELECT carrier, waybill FROM parcel WHERE cell = $1 AND order_id = $2", cell_of(it), it
        )
        for it in orders
    ]
    assert [tuple(it) for it in parcels] == [("shunfeng", "SF0000002"), ("our own van", "VAN-0001")]
