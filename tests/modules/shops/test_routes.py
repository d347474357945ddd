"""Shops over HTTP: opening, settings, staff, invitations, and who may not."""

import re

import httpx

from jishi import db
from jishi.kit.ids import IdMaker
from jishi.modules.shops import service
from tests.support.goods import AShop, a_shop, an_account
from tests.support.staff import Person, a_member, a_person

SETTINGS = {"name": "新名字", "freight_minor": "8.00", "ship_within_hours": "24", "version": "1"}


async def an_owner(client: httpx.AsyncClient, pool: db.Pool, ids: IdMaker) -> tuple[Person, AShop]:
    async with db.transaction(pool) as tx:
        shop = await a_shop(tx, ids)
    return await a_person(client, pool, ids, shop.owner_id), shop


async def a_visitor(client: httpx.AsyncClient, pool: db.Pool, ids: IdMaker) -> Person:
    async with db.transaction(pool) as tx:
        account_id = await an_account(tx, ids)
    return await a_person(client, pool, ids, account_id)


async def test_a_shop_is_opened_with_a_name_and_shown_among_ones_own(
    client: httpx.AsyncClient, pool: db.Pool, ids: IdMaker
) -> None:
    person = await a_visitor(client, pool, ids)
    page = await person.get("/merchant")
    assert (page.status_code, "You have no shop yet" in page.text) == (200, True)
    refused = await person.post("/shops/open", data={"name": " ", "about": "茶"})
    assert refused.status_code == 422
    assert "Give the shop a name." in refused.text
    assert "茶" in refused.text
    opened = await person.post("/shops/open", data={"name": "山居茶"})
    assert re.fullmatch(r"/merchant/\d+/goods", opened.headers["location"])
    assert "山居茶" in (await person.get("/merchant")).text
    assert (await client.get("/shops/open")).status_code == 303


async def test_settings_are_saved_refused_by_field_and_told_when_overtaken(
    client: httpx.AsyncClient, pool: db.Pool, ids: IdMaker
) -> None:
    owner, shop = await an_owner(client, pool, ids)
    path = f"/merchant/{shop.id}/settings"
    wrong = {**SETTINGS, "freight_minor": "eight", "ship_within_hours": "0", "phone": "hm"}
    refused = await owner.post(path, data=wrong)
    assert refused.status_code == 422
    for text in ('value="eight"', "whole hours", "not a phone number", 'value="新名字"'):
        assert text in refused.text, text
    assert (await owner.post(path, data=SETTINGS)).status_code == 303
    overtaken = await owner.post(path, data={**SETTINGS, "name": "后来的"})
    assert overtaken.status_code == 409
    assert 'value="后来的"' in overtaken.text
    assert 'name="version" value="2"' in overtaken.text
    async with db.reading(pool) as tx:
        saved = await service.get_shop(tx, shop.id)
    assert (saved.name, saved.freight_minor, saved.ship_within_hours) == ("新名字", 800, 24)


async def test_an_invitation_link_lets_one_person_in(
    client: httpx.AsyncClient, pool: db.Pool, ids: IdMaker
) -> None:
    owner, shop = await an_owner(client, pool, ids)
    guest, late = await a_visitor(client, pool, ids), await a_visitor(client, pool, ids)
    made = await owner.post(f"/merchant/{shop.id}/staff/invitations", data={"role": "clerk"})
    found = re.search(r'value="[^"]*(/invitations/[^"]+)"', made.text)
    assert found, made.text
    link = found[1]
    assert (await client.get(link)).status_code == 200
    assert "invites you" in (await guest.get(link)).text
    joined = await guest.post(link, page=link)
    assert joined.headers["location"] == f"/merchant/{shop.id}"
    assert (await late.get(link)).status_code == 404
    assert (await late.post(link, page="/shops/open")).status_code == 404
    assert (await late.get("/invitations/none")).status_code == 404


async def test_the_owner_changes_removes_and_hands_over(
    client: httpx.AsyncClient, pool: db.Pool, ids: IdMaker
) -> None:
    owner, shop = await an_owner(client, pool, ids)
    clerk = await a_member(client, pool, ids, shop, "clerk")
    member = await pool.fetchval(
        "SELECT account_id FROM shop_staff WHERE shop_id = $1 AND role = 'clerk'", shop.id
    )
    base = f"/merchant/{shop.id}/staff"
    page = (await owner.get(base)).text
    assert f"/staff/{member}/role" in page
    assert f"/staff/{shop.owner_id}/role" not in page
    await owner.post(f"{base}/{member}/role", data={"role": "manager"})
    await owner.post(f"{base}/{shop.owner_id}/remove")  # refused, told on the next page
    rows = await pool.fetch("SELECT role FROM shop_staff WHERE shop_id = $1", shop.id)
    assert {row["role"] for row in rows} == {"owner", "manager"}
    assert (await clerk.api("GET", f"/shops/{shop.id}/staff")).status_code in {200, 403}
    await owner.post(f"/merchant/{shop.id}/owner", data={"account_id": str(member)})
    assert await pool.fetchval("SELECT owner_id FROM shop WHERE id = $1", shop.id) == member


async def test_a_clerk_neither_reads_staff_nor_changes_settings(
    client: httpx.AsyncClient, pool: db.Pool, ids: IdMaker
) -> None:
    _, shop = await an_owner(client, pool, ids)
    clerk = await a_member(client, pool, ids, shop, "clerk")
    stranger = await a_visitor(client, pool, ids)
    for path in ("staff", "settings"):
        assert (await clerk.get(f"/merchant/{shop.id}/{path}")).status_code == 403
        assert (await stranger.get(f"/merchant/{shop.id}/{path}")).status_code == 404
    base = f"/merchant/{shop.id}/staff"
    assert (await clerk.post(f"{base}/invitations", data={"role": "clerk"})).status_code == 403
    assert (await clerk.post(f"/merchant/{shop.id}/owner")).status_code == 403
    assert (await clerk.api("PUT", f"/shops/{shop.id}", json={})).status_code == 403
    left = await clerk.post(f"/merchant/{shop.id}/leave")
    assert left.headers["location"] == "/merchant"


async def test_a_manager_invites_no_manager(
    client: httpx.AsyncClient, pool: db.Pool, ids: IdMaker
) -> None:
    _, shop = await an_owner(client, pool, ids)
    manager = await a_member(client, pool, ids, shop, "manager")
    refused = await manager.api("POST", f"/shops/{shop.id}/invitations", json={"role": "manager"})
    assert (refused.status_code, refused.json()["code"]) == (403, "shops.role_not_yours")
    unknown = await manager.api("POST", f"/shops/{shop.id}/invitations", json={"role": "king"})
    assert unknown.status_code == 422
    made = await manager.api("POST", f"/shops/{shop.id}/invitations", json={"role": "clerk"})
    assert made.status_code == 201


async def test_the_api_opens_reads_and_changes_shops(
    client: httpx.AsyncClient, pool: db.Pool, ids: IdMaker
) -> None:
    person = await a_visitor(client, pool, ids)
    made = await person.api("POST", "/shops", json={"name": "茶", "freight_minor": 600})
    assert made.status_code == 201, made.text
    shop_id = made.json()["id"]
    (listed,) = (await person.api("GET", "/shops")).json()["items"]
    assert (listed["id"], listed["role"], listed["freight_minor"]) == (shop_id, "owner", 600)
    bad = await person.api("POST", "/shops", json={"name": "茶", "freight_minor": -1})
    assert (bad.status_code, bad.json()["field"]) == (422, "freight_minor")
    owner = await a_person(client, pool, ids, listed and int(listed["owner_id"]))  # type: ignore[arg-type]
    body = {"version": 1, "name": "茶馆", "is_on_holiday": True}
    changed = await owner.api("PUT", f"/shops/{shop_id}", json=body)
    assert (changed.json()["state"], changed.json()["version"]) == ("holiday", 2)
    assert (await owner.api("PUT", f"/shops/{shop_id}", json=body)).status_code == 409
