"""The address book over HTTP: pages and API."""

import httpx
import pytest

from jishi.kit.ids import IdMaker
from tests.modules.places.conftest import ME

FORM = {
    "receiver": "李小明",
    "phone": "138 0013 8000",
    "country": "CN",
    "region_1": "11",
    "region_2": "110101",
    "detail": "景山街道 1 号",
}
BODY = {
    "receiver": "Ana",
    "phone": "+55 11 2345 6789",
    "country": "BR",
    "city": "São Paulo",
    "detail": "Rua A, 1",
}


@pytest.fixture
def me(ids: IdMaker) -> dict[str, str]:
    return {ME: str(ids.make(3))}


async def test_a_visitor_is_sent_to_sign_in(web_client: httpx.AsyncClient) -> None:
    answer = await web_client.get("/me/addresses")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=/me/addresses")
    answer = await web_client.get("/api/v1/addresses")
    assert answer.status_code == 401


async def test_an_address_is_written_shown_edited_and_deleted(
    web_client: httpx.AsyncClient, me: dict[str, str]
) -> None:
    empty = await web_client.get("/me/addresses", headers=me)
    assert empty.status_code == 200
    assert "/me/addresses/new" in empty.text
    answer = await web_client.post("/me/addresses", data=FORM, headers=me)
    assert (answer.status_code, answer.headers["location"]) == (303, "/me/addresses")
    listed = (await web_client.get("/api/v1/addresses", headers=me)).json()["items"]
    assert [it["regions"] for it in listed] == [["北京市", "东城区"]]
    path = f"/me/addresses/{listed[0]['id']}"
    page = await web_client.get(path, headers=me)
    assert 'value="110101" selected' in page.text
    answer = await web_client.post(path, data={**FORM, "receiver": "王"}, headers=me)
    assert answer.status_code == 303
    assert "王" in (await web_client.get("/me/addresses", headers=me)).text
    assert (await web_client.post(f"{path}/delete", headers=me)).status_code == 303
    assert (await web_client.post(f"{path}/delete", headers=me)).status_code == 404


async def test_a_wrong_form_comes_back_with_what_was_typed(
    web_client: httpx.AsyncClient, me: dict[str, str]
) -> None:
    wrong = {**FORM, "phone": "12", "region_2": "", "receiver": "<b>"}
    answer = await web_client.post("/me/addresses", data=wrong, headers=me)
    assert answer.status_code == 422
    assert 'id="e-phone"' in answer.text
    assert 'id="e-region_code"' in answer.text
    assert "&lt;b&gt;" in answer.text
    assert (await web_client.get("/api/v1/addresses", headers=me)).json() == {"items": []}


async def test_without_script_the_form_shows_what_lies_below(
    web_client: httpx.AsyncClient, me: dict[str, str]
) -> None:
    form = {"region_1": "44", "step": "place"}
    answer = await web_client.post("/me/addresses", data=form, headers=me)
    assert answer.status_code == 200
    assert "东莞市" in answer.text


async def test_the_fragment_follows_the_chosen_country_and_regions(
    web_client: httpx.AsyncClient,
) -> None:
    answer = await web_client.get("/regions", params={"country": "BR"})
    assert 'name="city"' in answer.text
    assert "<html" not in answer.text
    chosen = {"country": "CN", "region_1": "44", "region_2": "4419"}
    answer = await web_client.get("/regions", params=chosen)
    assert "石碣镇" in answer.text
    moved = {"country": "CN", "region_1": "11", "region_2": "4419"}
    answer = await web_client.get("/regions", params=moved)
    assert "石碣镇" not in answer.text
    assert "东城区" in answer.text
    answer = await web_client.get("/regions", params={"parent": "110101"})
    assert "东华门街道" in answer.text


async def test_after_saving_one_returns_only_to_this_site(
    web_client: httpx.AsyncClient, me: dict[str, str]
) -> None:
    for wanted, target in (("/checkout", "/checkout"), ("//evil.example", "/")):
        form = {**FORM, "next": wanted}
        answer = await web_client.post("/me/addresses", data=form, headers=me)
        assert answer.headers["location"] == target
    page = await web_client.get("/me/addresses", params={"next": "javascript:1"}, headers=me)
    assert "javascript:1" not in page.text


async def test_the_api_refuses_by_field_and_hides_what_is_not_mine(
    web_client: httpx.AsyncClient, me: dict[str, str], ids: IdMaker
) -> None:
    made = await web_client.post("/api/v1/addresses", json=BODY, headers=me)
    assert made.status_code == 201
    again = await web_client.post("/api/v1/addresses", json=BODY, headers=me)
    assert again.json()["id"] == made.json()["id"]
    path = f"/api/v1/addresses/{made.json()['id']}"
    other = {ME: str(ids.make(3))}
    assert (await web_client.get(path, headers=me)).status_code == 200
    for answer in (
        await web_client.get(path, headers=other),
        await web_client.put(path, json=BODY, headers=other),
        await web_client.delete(path, headers=other),
        await web_client.post(f"{path}/default", headers=other),
        await web_client.get("/api/v1/addresses/abc", headers=me),
    ):
        assert answer.status_code == 404
    bad = await web_client.put(path, json={**BODY, "city": "", "phone": "x"}, headers=me)
    assert bad.status_code == 422
    assert {it["field"] for it in bad.json()["errors"]} == {"city", "phone"}
    bad = await web_client.post("/api/v1/addresses", json={**BODY, "region_code": "x"}, headers=me)
    assert bad.json()["field"] == "region_code"
    bad = await web_client.post("/api/v1/addresses", json={**BODY, "more": 1}, headers=me)
    assert bad.status_code == 422
    assert (await web_client.post(f"{path}/default", headers=me)).status_code == 200
    assert (await web_client.delete(path, headers=me)).status_code == 204


async def test_regions_are_public(web_client: httpx.AsyncClient) -> None:
    answer = await web_client.get("/api/v1/regions", params={"parent": "81"})
    names = [it["name"] for it in answer.json()["items"]]
    assert names == ["香港岛", "九龙", "新界"]
    answer = await web_client.get("/api/v1/regions", params={"parent": "9" * 30})
    assert len(answer.json()["items"]) == 34
