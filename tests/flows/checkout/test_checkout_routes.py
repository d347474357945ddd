"""Checking out over HTTP: once per key, everything refused is told at its line, nothing is lost."""

import html
import re
from typing import Any

import httpx
import pytest

from jishi.db import Pool
from jishi.kit.ids import IdMaker
from tests.support.buying import Browser, a_buyer, line_of, statements
from tests.support.makers import Town, stock_of

STATEMENTS_MAX = 8


async def place(buyer: Browser, lines: list[str], key: str = "k1", **more: Any) -> httpx.Response:
    fields = {"source": "now", "address_id": str(buyer.address_id), **more}
    return await buyer.post("/checkout", key=key, line=lines, **fields)


def lines_in(page: str) -> list[str]:
    """The lines of the form, each without what it is to cost by all rules."""
    return [line.rpartition(".")[0] for line in full_lines(page)]


def full_lines(page: str) -> list[str]:
    return re.findall(r'name="line" value="([^"]+)"', page)


async def test_two_shops_become_two_orders_of_one_payment(
    buyer: Browser, shop: Town, pool: Pool
) -> None:
    first, second = shop.goods[0], shop.goods[2]
    note = {f"note.{first.shop_id}": "ring twice"}
    placed = await place(buyer, [line_of(first, 2), line_of(second)], **note)
    assert placed.status_code == 303, placed.text
    assert placed.headers["location"].startswith("/pay/")
    rows = await pool.fetch(
        "SELECT shop_id, amount_minor, note FROM sale_order WHERE buyer_id = $1 ORDER BY goods_minor DESC",
        buyer.account_id,
    )
    assert [row["amount_minor"] for row in rows] == [
        first.price_minor * 2 + 500,
        second.price_minor + 500,
    ]
    assert [row["note"] for row in rows] == ["ring twice", ""]


async def test_a_double_tap_places_once(buyer: Browser, shop: Town, pool: Pool) -> None:
    once = await place(buyer, [line_of(shop.goods[0])])
    again = await place(buyer, [line_of(shop.goods[0])])
    assert once.headers["location"] == again.headers["location"]
    count = await pool.fetchval(
        "SELECT count(*) FROM sale_order WHERE buyer_id = $1", buyer.account_id
    )
    assert count == 1
    other = await place(buyer, [line_of(shop.goods[0], 2)])
    assert other.status_code == 409


async def test_buying_the_cart_empties_it_of_what_was_bought(buyer: Browser, shop: Town) -> None:
    for goods in shop.goods[:2]:
        await buyer.post("/cart/lines", sku_id=str(goods.sku_id), quantity="1")
    await buyer.post("/cart", chosen=str(shop.goods[0].sku_id))
    page = (await buyer.get("/checkout")).text
    assert lines_in(page) == [line_of(shop.goods[0])]
    await place(buyer, full_lines(page), source="cart")
    left = (await buyer.api("GET", "/api/v1/cart")).json()["lines"]
    assert [line["sku_id"] for line in left] == [str(shop.goods[1].sku_id)]


async def test_a_new_price_is_shown_and_taken_with_one_tap(
    buyer: Browser, shop: Town, pool: Pool
) -> None:
    goods = shop.goods[0]
    await pool.execute("UPDATE sku SET price_minor = 2500 WHERE id = $1", goods.sku_id)
    told = await place(buyer, [line_of(goods)], **{f"note.{goods.shop_id}": "kept"})
    text = html.unescape(told.text)
    assert told.status_code == 409
    assert "The price is ¥25.00 now; you saw ¥19.99." in text
    assert "Nothing was placed and nothing charged." in text
    assert 'value="kept"' in text
    assert lines_in(text) == [line_of(goods, price_minor=2500)]
    assert (await stock_of(pool, goods))[:2] == (100, 0)
    assert (await place(buyer, full_lines(text))).status_code == 303


async def test_fewer_left_is_shown_and_taken_with_one_tap(
    buyer: Browser, shop: Town, pool: Pool
) -> None:
    goods, gone = shop.goods[0], shop.goods[1]
    await pool.execute("UPDATE sku SET on_sale = false WHERE id = $1", gone.sku_id)
    told = await place(buyer, [line_of(goods, 120), line_of(gone)])
    assert told.status_code == 409
    assert "Only 100 left; you asked for 120." in told.text
    assert "No longer for sale. It is left out." in told.text
    assert lines_in(told.text) == [line_of(goods, 100)]
    assert (await place(buyer, full_lines(told.text))).status_code == 303


async def test_a_shop_on_holiday_takes_nothing(buyer: Browser, shop: Town, pool: Pool) -> None:
    await pool.execute("UPDATE shop SET state = 'holiday' WHERE id = $1", shop.shops[0])
    told = await place(buyer, [line_of(shop.goods[0]), line_of(shop.goods[2])])
    assert told.status_code == 409
    assert "is on holiday" in told.text
    assert lines_in(told.text) == [line_of(shop.goods[2])]


@pytest.mark.parametrize("quantity", ["0", "1000000000"])
async def test_an_impossible_quantity_is_told_at_its_line(
    buyer: Browser, shop: Town, quantity: str
) -> None:
    goods = shop.goods[0]
    told = await place(buyer, [f"{goods.sku_id}.{quantity}.{goods.price_minor}"])
    assert told.status_code == 422
    assert "Nothing was placed" in told.text


@pytest.mark.parametrize("line", ["x", "1.-1.5", "1.1", "1.two.5"])
async def test_a_form_that_is_none_of_ours_is_refused(buyer: Browser, line: str) -> None:
    assert (await place(buyer, [line])).status_code == 422


async def test_a_foreign_sku_is_told(buyer: Browser) -> None:
    told = await place(buyer, ["123456789.1.100"])
    assert told.status_code == 409
    assert "No longer for sale" in told.text


async def test_only_an_address_of_mine_will_do(
    app: Any, pool: Pool, ids: IdMaker, buyer: Browser, shop: Town
) -> None:
    other = await a_buyer(app, pool, ids)
    told = await place(buyer, [line_of(shop.goods[0])], address_id=str(other.address_id))
    assert told.status_code == 422
    assert 'id="e-address_id"' in told.text
    missing = await place(buyer, [line_of(shop.goods[0])], address_id="")
    assert "Choose where the parcels go." in missing.text
    count = await pool.fetchval(
        "SELECT count(*) FROM sale_order WHERE buyer_id = $1", buyer.account_id
    )
    assert count == 0
    await other.http.aclose()


async def test_nothing_chosen_leads_back_to_the_cart(buyer: Browser) -> None:
    assert (await buyer.get("/checkout")).headers["location"] == "/cart"
    assert (await place(buyer, [])).status_code == 422


async def test_a_visitor_signs_in_first(client: httpx.AsyncClient) -> None:
    answer = await client.get("/checkout?buy=1&n=2")
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/sign-in?next=")


async def test_the_checkout_costs_few_statements(
    buyer: Browser, shop: Town, app_pool: Pool
) -> None:
    path = f"/checkout?buy={shop.goods[0].sku_id}&n=1"
    await buyer.get(path)
    with statements(app_pool) as seen:
        assert (await buyer.get(path)).status_code == 200
    assert 0 < len(seen) <= STATEMENTS_MAX, seen
