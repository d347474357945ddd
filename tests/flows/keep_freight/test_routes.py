"""Templates, warehouses, moving goods, and sending, from the shop's pages."""

from typing import Any

import httpx
import pytest
import pytest_asyncio

from jishi.db import Pool, reading
from jishi.kit.ids import IdMaker, cell_of
from jishi.modules import fulfilment, stock
from tests.support.console import Stall, a_stall, read, send
from tests.support.invariants import Sound

BASE = "/merchant/{shop}/settings/logistics"
ZONES: dict[str, Any] = {
    "z_kind": ["rest", "regions", "abroad"],
    "z_regions": ["", "33,3301,4401", ""],
    "z_delivers": ["yes", "yes", "no"],
    "z_first": ["1", "0.5", "1"],
    "z_first_minor": ["8", "6.50", "0"],
    "z_next": ["0.5", "0.5", "1"],
    "z_next_minor": ["1.5", "1", "0"],
    "z_free_minor": ["99", "", ""],
    "z_free_pieces": ["", "3", ""],
    "z_free_both": ["any", "any", "any"],
}
FORM: dict[str, Any] = {"name": "Parcels", "counts": "weight", "do": "save", **ZONES}


@pytest_asyncio.fixture(loop_scope="session")
async def stall(pool: Pool, ids: IdMaker) -> Stall:
    return await a_stall(pool, ids)


async def templates(pool: Pool, stall: Stall) -> list[fulfilment.Template]:
    async with reading(pool) as tx:
        return await fulfilment.list_templates(tx, stall.shop_id)


async def a_template(client: httpx.AsyncClient, pool: Pool, stall: Stall) -> fulfilment.Template:
    answer = await send(client, stall, "manager", f"{BASE}/templates/new", **FORM)
    assert answer.status_code == 303, answer.text
    return (await templates(pool, stall))[-1]


async def test_a_template_is_kept_as_it_was_typed(
    client: httpx.AsyncClient, pool: Pool, stall: Stall
) -> None:
    found = await a_template(client, pool, stall)
    rest, named, abroad = found.zones
    assert (rest.first_units, rest.first_minor, rest.next_units, rest.next_minor) == (
        1000,
        800,
        500,
        150,
    )
    assert (rest.free_from_minor, named.free_from_pieces) == (9_900, 3)
    assert named.regions == (33, 4401)  # a city of a chosen province needs no naming
    assert not abroad.delivers
    page = await read(client, stall, "owner", f"{BASE}/templates/{found.id}")
    assert 'value="6.50"' in page.text
    again = await send(client, stall, "owner", f"{BASE}/templates/{found.id}", **FORM, version=1)
    assert again.status_code == 303
    stale = await send(client, stall, "owner", f"{BASE}/templates/{found.id}", **FORM, version=1)
    assert stale.status_code == 409
    assert "Someone else has changed this template" in stale.text


async def test_wrong_figures_come_back_with_what_to_mend(
    client: httpx.AsyncClient, pool: Pool, stall: Stall
) -> None:
    wrong = {**FORM, "name": "", "z_first": ["x", "0", "1"], "z_regions": ["", "", ""]}
    answer = await send(client, stall, "owner", f"{BASE}/templates/new", **wrong)
    assert answer.status_code == 422
    for text in ("Give it a name", "quantity above 0", "Choose at least one region"):
        assert text in answer.text
    assert not await templates(pool, stall)
    await a_template(client, pool, stall)
    twice = await send(client, stall, "owner", f"{BASE}/templates/new", **FORM)
    assert twice.status_code == 409


async def test_buttons_of_the_form_change_it_and_save_nothing(
    client: httpx.AsyncClient, pool: Pool, stall: Stall
) -> None:
    picking = await send(client, stall, "owner", f"{BASE}/templates/new", **{**FORM, "do": "add"})
    assert picking.status_code == 200
    assert 'name="picking" value="2"' in picking.text
    taken = {**FORM, "do": "done", "picking": "1", "pick": ["11", "1101"]}
    answer = await send(client, stall, "owner", f"{BASE}/templates/new", **taken)
    assert 'name="z_regions" value="11"' in answer.text
    assert not await templates(pool, stall)


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("region=110101&units=1.6&goods=10", "¥11.00"),
        ("region=110101&units=1&goods=99", "Free from ¥99.00 of goods on"),
        ("region=3301&units=0.5&goods=10", "¥6.50"),
        ("region=abroad&units=1&goods=10", "Not delivered there"),
    ],
)
async def test_a_template_can_be_tried_out(
    client: httpx.AsyncClient, pool: Pool, stall: Stall, query: str, text: str
) -> None:
    found = await a_template(client, pool, stall)
    answer = await read(client, stall, "owner", f"{BASE}/templates/{found.id}/try?{query}")
    assert answer.status_code == 200
    assert text in answer.text


async def test_goods_go_by_a_template_which_then_cannot_be_deleted(
    client: httpx.AsyncClient, pool: Pool, stall: Stall
) -> None:
    found = await a_template(client, pool, stall)
    path = f"{BASE}/templates/{found.id}"
    assert (await send(client, stall, "owner", f"{path}/goods", which="flat")).status_code == 303
    async with reading(pool) as tx:
        assert await fulfilment.count_products(tx, stall.shop_id, [found.id]) == {found.id: 2}
    assert (await send(client, stall, "owner", f"{path}/delete")).status_code == 409
    await send(client, stall, "owner", f"{path}/goods", which="none")
    assert (await send(client, stall, "owner", f"{path}/delete")).status_code == 303
    assert (await read(client, stall, "owner", path)).status_code == 404


async def test_a_product_gets_template_weight_and_volume(
    client: httpx.AsyncClient, pool: Pool, stall: Stall
) -> None:
    found, goods = await a_template(client, pool, stall), stall.town.goods[0]
    path = f"/merchant/{{shop}}/goods/{goods.product_id}/sending"
    form = {
        "template_id": found.id,
        f"weight_{goods.sku_id}": "350",
        f"volume_{goods.sku_id}": "1200",
    }
    assert (await send(client, stall, "clerk", path, **form)).status_code == 303
    row = await pool.fetchrow(
        "SELECT weight_grams, volume_cm3 FROM sku WHERE cell = $1 AND id = $2",
        cell_of(goods.sku_id),
        goods.sku_id,
    )
    assert tuple(row) == (350, 1200)
    wrong = await send(client, stall, "clerk", path, **{**form, f"weight_{goods.sku_id}": "-3"})
    assert wrong.status_code == 422
    theirs = await send(client, stall, "clerk", path, **{**form, "template_id": 12345})
    assert theirs.status_code == 404


async def test_warehouses_are_added_edited_and_one_is_the_default(
    client: httpx.AsyncClient, pool: Pool, stall: Stall, ids: IdMaker
) -> None:
    new = {"name": "South", "pick": ["44", "4401"], "priority": "10", "region_code": "4403"}
    answer = await send(client, stall, "manager", f"{BASE}/warehouses/new", **new)
    assert answer.status_code == 303
    async with reading(pool) as tx:
        first, south = await stock.list_warehouses(tx, stall.shop_id)
    assert (list(south.regions), south.priority, south.is_default) == ([44], 10, False)
    path = f"{BASE}/warehouses/{south.id}"
    await send(client, stall, "manager", path, **new, is_default="1")
    async with reading(pool) as tx:
        default = (await stock.list_warehouses(tx, stall.shop_id))[0]
    assert default.id == south.id
    assert (await send(client, stall, "manager", path, **new)).status_code == 409
    wrong = {**new, "name": "", "priority": "0", "pick": [], "only_there": "1"}
    refused = await send(client, stall, "manager", path, **wrong)
    assert refused.status_code == 422
    other = await a_stall(pool, ids)
    theirs = await send(client, other, "manager", f"{BASE}/warehouses/{first.id}", **new)
    assert theirs.status_code == 404


async def test_goods_move_between_warehouses_through_the_journal(
    client: httpx.AsyncClient, pool: Pool, stall: Stall, sound: Sound
) -> None:
    del sound
    await send(client, stall, "manager", f"{BASE}/warehouses/new", name="South")
    async with reading(pool) as tx:
        first, south = await stock.list_warehouses(tx, stall.shop_id)
        sku = stall.town.goods[1].sku_id
    path = f"/merchant/{{shop}}/warehouses/{first.id}"
    form = {"sku_id": sku, "to_id": south.id, "quantity": "30"}
    assert (await send(client, stall, "warehouse", f"{path}/move", **form)).status_code == 303
    async with reading(pool) as tx:
        found = await stock.quantities_of(tx, [sku])
        journal = (await stock.list_moves(tx, sku)).items[:2]
    assert (found[sku, first.id].on_hand, found[sku, south.id].on_hand) == (70, 30)
    assert {(it.kind, it.quantity) for it in journal} == {("take_out", 30), ("receive", 30)}
    for wrong, status in (
        ({"quantity": "71"}, 409),
        ({"quantity": "x"}, 422),
        ({"to_id": first.id}, 422),
    ):
        answer = await send(client, stall, "warehouse", f"{path}/move", **{**form, **wrong})
        assert answer.status_code == status
    shelves = {"sku_id": [sku], "location": ["A-03-2"]}
    assert (await send(client, stall, "warehouse", f"{path}/places", **shelves)).status_code == 303
    page = await read(client, stall, "warehouse", path)
    assert 'value="A-03-2"' in page.text


@pytest.mark.parametrize("language", ["en", "zh-CN"])
async def test_every_page_is_shown_in_both_languages(
    client: httpx.AsyncClient, pool: Pool, stall: Stall, language: str
) -> None:
    template, goods = await a_template(client, pool, stall), stall.town.goods[0]
    shop = f"/merchant/{stall.shop_id}"
    logistics = f"{shop}/settings/logistics"
    paths = [
        logistics,
        f"{logistics}/templates/new",
        f"{logistics}/templates/{template.id}",
        f"{logistics}/warehouses/new",
        f"{logistics}/warehouses/{goods.warehouse_id}",
        f"{shop}/warehouses/{goods.warehouse_id}",
        f"{shop}/goods/{goods.product_id}/sending",
        f"{shop}/orders/labels",
        f"{shop}/orders/labels?order_id={stall.orders['to_ship']}",
        f"{shop}/orders/pick",
        f"{shop}/deliveries",
        f"{shop}/deliveries/compensations",
        f"{shop}/orders/{stall.orders['shipped']}/parcels",
        f"{shop}/orders/{stall.orders['shipped']}",
        f"{shop}/settings",
        shop,
    ]
    for path in paths:
        headers = {**stall.headers("owner"), "accept-language": language, "accept": "text/html"}
        answer = await client.get(path, headers=headers)
        assert answer.status_code == 200, path
        assert f'lang="{language}"' in answer.text
    for path in ("/operator/deliveries", "/operator/deliveries/compensations", "/operator"):
        headers = {**stall.headers("operator"), "accept-language": language, "accept": "text/html"}
        assert (await client.get(path, headers=headers)).status_code == 200, path
    programs = await client.get(
        f"/api/v1/shops/{stall.shop_id}/freight-templates", headers=stall.headers("owner")
    )
    assert programs.json()["items"][0]["counts"] == "weight"


async def test_odd_digits_are_no_server_fault(
    client: httpx.AsyncClient, pool: Pool, stall: Stall
) -> None:
    for verb in ("remove:²", f"pick:{'9' * 5000}"):
        same = await send(client, stall, "owner", f"{BASE}/templates/new", **{**FORM, "do": verb})
        assert same.status_code == 200
    form = {"name": "East", "priority": "100", "pick": ["9" * 5000, "²", "33"]}
    made = await send(client, stall, "owner", f"{BASE}/warehouses/new", **form)
    assert made.status_code == 303, made.text
    async with reading(pool) as tx:
        found = await stock.list_warehouses(tx, stall.shop_id)
    assert [tuple(it.regions) for it in found if it.name == "East"] == [(33,)]
