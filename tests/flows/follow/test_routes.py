"""Hearts and follows over HTTP: on, off, lists with a price that fell, visitors sent to sign in."""

import httpx

from jishi.db import Pool
from jishi.db.outbox import deliver, open_listener
from jishi.kit.ids import IdMaker
from jishi.modules.follows.listeners import LISTENERS
from tests.support.buying import Browser
from tests.support.makers import NOON, Town


async def test_a_heart_keeps_the_price_and_tells_when_it_falls(
    pool: Pool, shop: Town, buyer: Browser
) -> None:
    goods = shop.goods[0]
    page = f"/p/{goods.product_id}"
    answer = await buyer.post(f"{page}/favourite", on="1", next=page)
    assert (answer.status_code, answer.headers["location"]) == (303, page)
    assert 'aria-pressed="true"' in (await buyer.get(page)).text
    await pool.execute(
        "UPDATE product SET price_from_minor = price_from_minor - 500 WHERE id = $1",
        goods.product_id,
    )
    listed = (await buyer.get("/me/favourites")).text
    assert "¥5.00 cheaper" in listed
    item = (await buyer.api("GET", "/api/v1/me/favourites")).json()["items"][0]
    assert (item["dropped_minor"], item["is_for_sale"]) == (500, True)
    await buyer.post(f"{page}/favourite", on="", next=page)
    assert (await buyer.api("GET", "/api/v1/me/favourites")).json()["items"] == []


async def test_followed_shops_show_what_is_new(
    pool: Pool, ids: IdMaker, shop: Town, buyer: Browser
) -> None:
    shop_id = shop.shops[0]
    path = f"/api/v1/me/followed-shops/{shop_id}"
    assert (await buyer.api("PUT", path)).json()["is_followed"]
    assert "Following" in (await buyer.get(f"/s/{shop_id}")).text
    news = (await buyer.api("GET", "/api/v1/me/followed-shops/products")).json()["items"]
    assert {it["id"] for it in news} == {str(it.product_id) for it in shop.goods_of(shop_id)}
    for tab in ("new", "shops"):
        assert (await buyer.get(f"/me/shops?tab={tab}")).status_code == 200
    await open_listener(pool, LISTENERS[0])
    while await deliver(pool, LISTENERS[0], now=NOON):
        pass
    shops = (await buyer.api("GET", "/api/v1/me/followed-shops")).json()["items"]
    assert [(it["shop_id"], it["followers"]) for it in shops] == [(str(shop_id), 1)]
    assert not (await buyer.api("DELETE", path)).json()["is_followed"]


async def test_what_is_not_there_cannot_be_kept(buyer: Browser) -> None:
    for kind in ("favourites", "followed-shops"):
        answer = await buyer.api("PUT", f"/api/v1/me/{kind}/123456789")
        assert (answer.status_code, answer.json()["code"]) == (404, "follows.nothing_to_keep")


async def test_a_visitor_is_sent_to_sign_in_and_back(client: httpx.AsyncClient, shop: Town) -> None:
    page = f"/p/{shop.goods[0].product_id}"
    assert f"/sign-in?next=%2Fp%2F{shop.goods[0].product_id}" in (await client.get(page)).text
    answer = await client.get("/me/favourites")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=/me/favourites")
