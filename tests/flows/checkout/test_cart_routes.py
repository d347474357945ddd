"""The cart over HTTP: visitors and accounts, bad input by field, what has changed, the API."""

from typing import Any

import httpx
import pytest

from jishi.db import Pool
from jishi.kit.ids import IdMaker, cell_of
from tests.support.buying import Browser, a_buyer, statements
from tests.support.makers import Town

STATEMENTS_MAX = 8


async def put_in(buyer: Browser, goods: Any, quantity: str = "1", **more: str) -> httpx.Response:
    fields = {"product_id": str(goods.product_id), "sku_id": str(goods.sku_id), **more}
    return await buyer.post("/cart/lines", quantity=quantity, **fields)


async def test_a_visitors_cart_goes_along_when_they_sign_in(
    app: Any, client: httpx.AsyncClient, pool: Pool, ids: IdMaker, shop: Town
) -> None:
    goods = shop.goods[0]
    visitor = Browser(client, 0, 0)  # type: ignore[arg-type]
    page = (await client.get(f"/p/{goods.product_id}")).text
    token = page.split('name="_csrf" value="')[1].split('"')[0]
    added = await client.post(
        "/cart/lines", data={"_csrf": token, "sku_id": str(goods.sku_id), "quantity": "3"}
    )
    assert added.status_code == 303
    assert added.headers["location"].startswith(f"/p/{goods.product_id}")
    assert 'value="3"' in (await visitor.get("/cart")).text

    signed_in = await a_buyer(app, pool, ids)
    signed_in.http.cookies.set("jishi_cart", client.cookies["jishi_cart"])
    assert 'value="3"' in (await signed_in.get("/cart")).text
    assert "jishi_cart" not in {c.name for c in signed_in.http.cookies.jar if c.value and c.domain}
    assert 'value="3"' not in (await client.get("/cart")).text
    await signed_in.http.aclose()


async def test_a_forged_cart_cookie_opens_nobodys_cart(
    client: httpx.AsyncClient, buyer: Browser, shop: Town
) -> None:
    await put_in(buyer, shop.goods[0])
    client.cookies.set("jishi_cart", f"{buyer.account_id}.AAAAAAAAAAAAAAAAAAAAAAAA")
    assert str(shop.goods[0].sku_id) not in (await client.get("/cart")).text


@pytest.mark.parametrize("quantity", ["0", "-1", "1000000000", "two", "1.5", ""])
async def test_a_quantity_that_is_none_is_told_and_nothing_added(
    buyer: Browser, shop: Town, quantity: str
) -> None:
    answer = await put_in(buyer, shop.goods[0], quantity)
    if quantity == "":
        return  # an empty field stands for one piece
    assert answer.status_code == 303
    assert "whole%20number" in answer.headers["set-cookie"]
    assert (await buyer.api("GET", "/api/v1/cart")).json()["lines"] == []


async def test_what_cannot_be_bought_is_told_at_the_product(
    buyer: Browser, shop: Town, pool: Pool
) -> None:
    gone, short = shop.goods[0], shop.goods[1]
    await pool.execute("UPDATE sku SET on_sale = false WHERE id = $1", gone.sku_id)
    answer = await put_in(buyer, gone)
    assert answer.headers["location"] == f"/p/{gone.product_id}"
    assert "no%20longer%20for%20sale" in answer.headers["set-cookie"]
    assert "Only%20100%20left" in (await put_in(buyer, short, "101")).headers["set-cookie"]
    foreign = await buyer.post("/cart/lines", product_id="1", sku_id="123456789")
    assert "no%20longer%20for%20sale" in foreign.headers["set-cookie"]


async def test_without_script_the_server_finds_the_combination(buyer: Browser, shop: Town) -> None:
    goods = shop.goods[0]
    fields = {"product_id": str(goods.product_id), "sku_id": ""}
    no_such = await buyer.post("/cart/lines", d0="green", **fields)
    assert "combination" in no_such.headers["set-cookie"]
    right = await buyer.post("/cart/lines", d0="red", go="buy", **fields)
    assert right.headers["location"] == f"/checkout?buy={goods.sku_id}&n=1"


async def test_the_whole_cart_is_one_form(buyer: Browser, shop: Town) -> None:
    first, second = shop.goods[0], shop.goods[2]
    await put_in(buyer, first)
    await put_in(buyer, second)
    answer = await buyer.post(
        "/cart", **{f"q.{first.sku_id}": "4", f"q.{second.sku_id}": "0"}, chosen=str(first.sku_id)
    )
    assert answer.status_code == 422
    assert f'id="e-{second.sku_id}"' in answer.text
    lines = (await buyer.api("GET", "/api/v1/cart")).json()["lines"]
    stand = {line["sku_id"]: (line["quantity"], line["is_chosen"]) for line in lines}
    assert stand == {str(first.sku_id): (4, True), str(second.sku_id): (1, False)}

    gone_on = await buyer.post("/cart", chosen=str(first.sku_id), go="checkout")
    assert gone_on.headers["location"] == "/checkout"
    await buyer.post("/cart", remove=f"{first.sku_id},{second.sku_id}")
    assert "Your cart is empty" in (await buyer.get("/cart")).text


async def test_htmx_gets_the_cart_without_its_frame(buyer: Browser, shop: Town) -> None:
    await put_in(buyer, shop.goods[0])
    part = await buyer.get("/cart", headers={"hx-request": "true"})
    assert part.text.lstrip().startswith('<div id="cart">')


async def test_changes_are_told_at_their_lines(buyer: Browser, shop: Town, pool: Pool) -> None:
    dearer, short, holiday = shop.goods[0], shop.goods[1], shop.goods[2]
    await put_in(buyer, dearer)
    await put_in(buyer, short, "5")
    await put_in(buyer, holiday)
    await pool.execute(
        "UPDATE sku SET price_minor = price_minor + 100 WHERE id = $1", dearer.sku_id
    )
    await pool.execute(
        "UPDATE stock SET on_hand = 2, lost = lost + on_hand - 2 WHERE sku_id = $1", short.sku_id
    )
    await pool.execute("UPDATE shop SET state = 'holiday' WHERE id = $1", holiday.shop_id)
    text = (await buyer.get("/cart")).text
    assert "¥1.00 more than when you put it in" in text
    assert "Only 2 left, you want 5." in text
    assert "is on holiday" in text
    assert "1 thing cannot be bought now" in text


async def test_the_cart_costs_few_statements_however_full(
    buyer: Browser, shop: Town, app_pool: Pool
) -> None:
    for goods in shop.goods:
        await put_in(buyer, goods)
    await buyer.get("/cart")
    with statements(app_pool) as seen:
        await buyer.get("/cart")
    assert 0 < len(seen) <= STATEMENTS_MAX, seen


async def test_the_badge_counts_lines_and_is_not_shown_to_somebody_else(
    app: Any, buyer: Browser, shop: Town
) -> None:
    await put_in(buyer, shop.goods[0])
    answer = await put_in(buyer, shop.goods[1])
    assert f"jishi_cart_count={buyer.account_id}.2" in answer.headers["set-cookie"]


class TestApi:
    async def test_lines_are_added_changed_and_taken_out(self, buyer: Browser, shop: Town) -> None:
        goods = shop.goods[0]
        added = await buyer.api(
            "POST", "/api/v1/cart/lines", json={"sku_id": str(goods.sku_id), "quantity": 2}
        )
        assert added.status_code == 201, added.text
        body = added.json()
        assert body["lines"][0]["sku_id"] == str(goods.sku_id)
        assert body["total_minor"] == goods.price_minor * 2 + 500
        path = f"/api/v1/cart/lines/{goods.sku_id}"
        changed = await buyer.api("PUT", path, json={"quantity": 3, "is_chosen": False})
        assert changed.json()["lines"][0]["quantity"] == 3
        assert changed.json()["total_minor"] == 0
        assert (await buyer.api("DELETE", path)).status_code == 204
        assert (await buyer.api("DELETE", path)).status_code == 404
        assert (await buyer.api("PUT", path, json={"quantity": 3})).status_code == 404

    @pytest.mark.parametrize("quantity", [0, -1, 10**9, "two"])
    async def test_a_quantity_that_is_none_is_refused_by_field(
        self, buyer: Browser, shop: Town, quantity: Any
    ) -> None:
        body = {"sku_id": str(shop.goods[0].sku_id), "quantity": quantity}
        refused = await buyer.api("POST", "/api/v1/cart/lines", json=body)
        assert refused.status_code == 422
        assert refused.json()["field"] == "quantity"

    async def test_refusals_name_what_stands_against(self, buyer: Browser, shop: Town) -> None:
        many = {"sku_id": str(shop.goods[0].sku_id), "quantity": 101}
        short = await buyer.api("POST", "/api/v1/cart/lines", json=many)
        assert (short.status_code, short.json()["code"]) == (409, "orders.stock_short")
        assert short.json()["errors"][0]["facts"]["left"] == 100
        foreign = await buyer.api(
            "POST", "/api/v1/cart/lines", json={"sku_id": "99", "quantity": 1}
        )
        assert (foreign.status_code, foreign.json()["field"]) == (409, "sku_id")

    async def test_strangers_may_not(self, client: httpx.AsyncClient) -> None:
        assert (await client.get("/api/v1/cart")).status_code == 401
        assert (await client.post("/api/v1/cart/lines", json={})).status_code == 401


def test_the_cart_lies_in_its_owners_cell(ids: IdMaker) -> None:
    assert cell_of(ids.make(9)) == 9
