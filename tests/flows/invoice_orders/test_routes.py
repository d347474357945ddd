"""Invoices over HTTP: a buyer asks, the shop issues, both download; nobody else."""

import re
from typing import Any

import httpx
import pytest

from jishi.db import Pool, Tx
from jishi.kit.ids import IdMaker, OrderId, ShopId
from tests.support.makers import a_checkout, a_town, committed, pay_all, place_all
from tests.support.persons import Person, a_person

pytestmark = pytest.mark.usefixtures("sound")
_TOKEN = re.compile(r'name="_csrf" value="([^"]+)"')
PDF = b"%PDF-1.7\nan invoice\n%%EOF\n"


class Deal:
    def __init__(self, shop_id: ShopId, order_id: OrderId, people: dict[str, Person]) -> None:
        self.shop_id, self.order_id, self.people = shop_id, order_id, people

    def cookie(self, who: str, lang: str = "en") -> dict[str, str]:
        return {"cookie": f"jishi_session={self.people[who].token}; lang={lang}"}

    async def get(self, who: str, path: str, lang: str = "en") -> httpx.Response:
        return await self.people[who].client.get(path, headers=self.cookie(who, lang))

    async def post(
        self, who: str, path: str, page: str = "/me/invoices/titles", **given: Any
    ) -> httpx.Response:
        found = _TOKEN.search((await self.get(who, page)).text)
        assert found
        headers = {**self.cookie(who), "x-csrf-token": found[1]}
        return await self.people[who].client.post(path, headers=headers, **given)

    async def api(self, who: str, method: str, path: str, **given: Any) -> httpx.Response:
        headers = {"authorization": f"Bearer {self.people[who].token}"}
        return await self.people[who].client.request(
            method, f"/api/v1{path}", headers=headers, **given
        )


@pytest.fixture
async def deal(client: httpx.AsyncClient, pool: Pool, ids: IdMaker) -> Deal:
    town = await a_town(pool, ids, shops=1, price_minor=12_345)
    people = {
        "buyer": await a_person(client, pool, ids),
        "stranger": await a_person(client, pool, ids),
        "clerk": await a_person(client, pool, ids, clerk=town.shops[0]),
        "packer": await a_person(client, pool, ids, warehouse=town.shops[0]),
    }

    async def work(tx: Tx) -> OrderId:
        placed = await place_all(tx, ids, [a_checkout(ids, people["buyer"].buyer, town.goods[0])])
        await pay_all(tx, ids, placed)
        return placed[0].order_ids[0]

    return Deal(town.shops[0], await committed(pool, work), people)


async def test_from_asking_to_the_download(deal: Deal) -> None:
    order, shop = f"/orders/{deal.order_id}/invoice", f"/merchant/{deal.shop_id}/invoices"
    bad = await deal.post(
        "buyer", order, data={"kind": "company", "name": "Harbour Tea", "tax_number": "1"}
    )
    assert bad.status_code == 422
    assert 'value="Harbour Tea"' in bad.text
    form = {
        "kind": "company",
        "name": "Harbour Tea",
        "tax_number": "91350100M000100Y43",
        "save": "1",
    }
    assert (await deal.post("stranger", order, data=form)).status_code == 404
    assert (await deal.post("buyer", order, data=form)).status_code == 303
    twice = await deal.post("buyer", order, data=form)
    assert twice.status_code == 409
    listed = (await deal.api("clerk", "GET", f"/shops/{deal.shop_id}/invoices?state=asked")).json()[
        "items"
    ]
    one = f"{shop}/{listed[0]['id']}"
    for lang in ("en", "zh-CN"):
        for who, path in [
            ("buyer", order), ("buyer", "/me/invoices"), ("buyer", "/me/invoices/titles"),
            ("buyer", f"/orders/{deal.order_id}"), ("clerk", shop), ("clerk", f"{shop}?state=all"), ("clerk", one),
            ("clerk", f"/merchant/{deal.shop_id}/orders"),
        ]:  # fmt: skip
            page = await deal.get(who, path, lang)
            assert page.status_code == 200, (path, page.text[:600])
    assert (await deal.get("stranger", order)).status_code == 404
    assert (await deal.get("packer", shop)).status_code == 403
    for amount, content, status in [
        ("123.46", PDF, 409), ("123.44", PDF, 409), ("", PDF, 422), ("123.45", b"MZ", 422),
        ("123.45", b"", 422), ("123.45", PDF + b"x" * (5 * 1024 * 1024), 413), ("123.45", PDF, 303),
    ]:  # fmt: skip
        said = await deal.post(
            "clerk", f"{one}/issue", data={"amount": amount, "number": "24110000"},
            files={"file": ("invoice.pdf", content)},
        )  # fmt: skip
        assert said.status_code == status, (amount, said.text[:300])
    for who, path in [("buyer", f"/invoices/{listed[0]['id']}/file"), ("clerk", f"{one}/file")]:
        got = await deal.get(who, path)
        assert (got.content, got.headers["content-type"]) == (PDF, "application/pdf")
        assert got.headers["content-disposition"].startswith("attachment")
        assert got.headers["x-content-type-options"] == "nosniff"
    assert (await deal.get("stranger", f"/invoices/{listed[0]['id']}/file")).status_code == 404
    assert (await deal.get("clerk", f"/invoices/{listed[0]['id']}/file")).status_code == 404
    for lang in ("en", "zh-CN"):
        assert (await deal.get("buyer", order, lang)).status_code == 200
        assert (await deal.get("clerk", one, lang)).status_code == 200
        csv = await deal.get("clerk", f"{shop}.csv?state=all", lang)
        assert len(csv.text.strip().split("\r\n")) == 2
        assert "91350100M000100Y43" in csv.text


async def test_a_receipt_and_refusals_over_the_api(deal: Deal) -> None:
    path = f"/orders/{deal.order_id}/invoices"
    body = {"kind": "person", "name": "A Buyer"}
    wrong = await deal.api(
        "buyer",
        "POST",
        path,
        json={**body, "kind": "company", "tax_number": "9135 0100 M000 100Y 44"},
    )
    assert (wrong.status_code, wrong.json()["code"]) == (422, "invoices.tax_number_mistyped")
    made = await deal.api("buyer", "POST", path, json=body)
    assert made.status_code == 201
    one = f"/shops/{deal.shop_id}/invoices/{made.json()['id']}"
    assert (await deal.api("clerk", "POST", f"{one}/refuse", json={"why": ""})).status_code == 422
    assert (
        await deal.api("clerk", "POST", f"{one}/refuse", json={"why": "Unclear"})
    ).status_code == 200
    again = await deal.api("buyer", "POST", path, json=body)
    assert (await deal.api("buyer", "DELETE", path)).status_code == 200
    again = await deal.api("buyer", "POST", path, json=body)
    one = f"/shops/{deal.shop_id}/invoices/{again.json()['id']}"
    done = (await deal.api("clerk", "POST", f"{one}/receipt")).json()
    assert (done["state"], done["form"], done["amount_minor"]) == ("issued", "receipt", 12_345)
    assert (await deal.api("clerk", "POST", f"{one}/receipt")).json()["code"] == "invoices.moved"
    got = await deal.api("buyer", "GET", f"/invoices/{done['id']}/file")
    assert got.content.startswith(b"%PDF")
    assert (await deal.api("stranger", "GET", f"/invoices/{done['id']}/file")).status_code == 404
    assert len((await deal.api("buyer", "GET", "/invoices")).json()["items"]) == 3
    assert (await deal.api("stranger", "GET", path)).json()["items"] == []


async def test_titles_over_the_api(deal: Deal) -> None:
    body = {"kind": "person", "name": "A Buyer", "email": "a@buyer.example"}
    made = await deal.api("buyer", "POST", "/invoice-titles", json=body)
    assert made.status_code == 201
    one = f"/invoice-titles/{made.json()['id']}"
    assert (await deal.api("stranger", "DELETE", one)).status_code == 404
    assert [
        it["name"] for it in (await deal.api("buyer", "GET", "/invoice-titles")).json()["items"]
    ] == ["A Buyer"]
    assert (await deal.api("buyer", "DELETE", one)).status_code == 200
