from typing import Any

import httpx
import pytest

from jishi.db import Pool
from jishi.kit.ids import IdMaker
from tests.support.makers import Goods, a_town, stock_of
from tests.support.persons import Person, a_person

pytestmark = pytest.mark.usefixtures("sound")
PATH = "/api/v1/checkouts"


def a_body(person: Person, *goods: Goods, **changes: Any) -> dict[str, Any]:
    lines = [
        {"sku_id": str(each.sku_id), "quantity": 1, "price_minor": each.price_minor}
        for each in goods
    ]
    return {"address_id": str(person.address_id), "lines": lines, **changes}


async def test_a_checkout_over_http_and_its_repeat(
    client: httpx.AsyncClient, pool: Pool, ids: IdMaker
) -> None:
    town, person = await a_town(pool, ids), await a_person(client, pool, ids)
    body = a_body(person, town.goods[0], town.goods[2])
    first = await person.post(PATH, body, **{"idempotency-key": "one"})
    again = await person.post(PATH, body, **{"idempotency-key": "one"})
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert len(first.json()["order_ids"]) == 2
    assert all(isinstance(each, str) for each in first.json()["order_ids"])
    other = await person.post(PATH, a_body(person, town.goods[1]), **{"idempotency-key": "one"})
    assert (other.status_code, other.json()["code"]) == (409, "idempotency.key_reused")
    assert await stock_of(pool, town.goods[0]) == (99, 1, 0)


@pytest.mark.parametrize(
    ("_case", "line", "status", "code", "field"),
    [
        ("quantity 0", {"quantity": 0}, 422, "orders.quantity_invalid", "lines[0].quantity"),
        ("quantity -1", {"quantity": -1}, 422, "orders.quantity_invalid", "lines[0].quantity"),
        ("quantity 10^9", {"quantity": 10**9}, 422, "orders.quantity_invalid", "lines[0].quantity"),
        (
            "quantity 10^30",
            {"quantity": 10**30},
            422,
            "orders.quantity_invalid",
            "lines[0].quantity",
        ),
        ("quantity in words", {"quantity": "two"}, 422, "field.invalid", "lines[0].quantity"),
        ("half a piece", {"quantity": 1.5}, 422, "field.invalid", "lines[0].quantity"),
        ("too many", {"quantity": 101}, 409, "orders.stock_short", "lines[0].quantity"),
        ("an unknown SKU", {"sku_id": "77"}, 409, "orders.sku_gone", "lines[0].sku_id"),
        ("no SKU", {"sku_id": "0"}, 422, "field.invalid", "lines[0].sku_id"),
        ("a SKU beyond ids", {"sku_id": str(2**63)}, 422, "field.invalid", "lines[0].sku_id"),
        ("another price", {"price_minor": 1}, 409, "orders.price_changed", "lines[0].price_minor"),
        (
            "a huge price",
            {"price_minor": 10**30},
            409,
            "orders.price_changed",
            "lines[0].price_minor",
        ),
        ("something unasked", {"gift": True}, 422, "field.invalid", "lines[0]"),
    ],
)
async def test_each_fault_of_a_line_is_named(
    client: httpx.AsyncClient, pool: Pool, ids: IdMaker,
    _case: str, line: dict[str, Any], status: int, code: str, field: str,
) -> None:  # fmt: skip
    town, person = await a_town(pool, ids), await a_person(client, pool, ids)
    body = a_body(person, town.goods[0])
    body["lines"][0].update(line)
    said = await person.post(PATH, body, **{"idempotency-key": "k"})
    assert (said.status_code, said.json()["code"], said.json()["field"]) == (status, code, field)
    assert await stock_of(pool, town.goods[0]) == (100, 0, 0)


@pytest.mark.parametrize(
    ("_case", "changes", "status", "code"),
    [
        ("no lines", {"lines": []}, 422, "orders.nothing_asked"),
        ("lines of another kind", {"lines": "all"}, 422, "field.invalid"),
        ("101 lines", {"lines": [{"sku_id": "1", "quantity": 1, "price_minor": 1}] * 101}, 422,
         "field.invalid"),
        ("an address of nobody", {"address_id": "5"}, 422, "orders.address_unknown"),
        ("a note too long", {"notes": {"1": "x" * 201}}, 422, "field.invalid"),
    ],
)  # fmt: skip
async def test_each_fault_of_a_request_is_named(
    client: httpx.AsyncClient, pool: Pool, ids: IdMaker,
    _case: str, changes: dict[str, Any], status: int, code: str,
) -> None:  # fmt: skip
    town, person = await a_town(pool, ids), await a_person(client, pool, ids)
    body = a_body(person, town.goods[0], **changes)
    said = await person.post(PATH, body, **{"idempotency-key": "k"})
    assert (said.status_code, said.json()["code"]) == (status, code)


async def test_notes_of_any_shape_do_no_harm(
    client: httpx.AsyncClient, pool: Pool, ids: IdMaker
) -> None:
    town, person = await a_town(pool, ids), await a_person(client, pool, ids)
    notes = {str(town.shops[0]): "a\0b", "²": "x", "9" * 5_000: "x", "": "x", "shop": "x"}
    body = a_body(person, town.goods[0], notes=notes)
    said = await person.post(PATH, body, **{"idempotency-key": "k"})
    assert said.status_code == 201
    note = await pool.fetchval(
        "SELECT note FROM sale_order WHERE id = $1", int(said.json()["order_ids"][0])
    )
    assert note == "a b"


async def test_who_may_not(client: httpx.AsyncClient, pool: Pool, ids: IdMaker) -> None:
    town, person = await a_town(pool, ids), await a_person(client, pool, ids)
    body = a_body(person, town.goods[0])
    nobody = await client.post(PATH, json=body, headers={"idempotency-key": "k"})
    assert nobody.status_code in {401, 403}
    for key in ({}, {"idempotency-key": ""}, {"idempotency-key": "k" * 129}):
        keyless = await person.post(PATH, body, **key)
        assert (keyless.status_code, keyless.json()["code"]) == (422, "idempotency.key_missing")
    stranger = await a_person(client, pool, ids)
    theirs = await stranger.post(PATH, body, **{"idempotency-key": "k"})
    assert (theirs.status_code, theirs.json()["code"]) == (422, "orders.address_unknown")
