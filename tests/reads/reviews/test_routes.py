"""Lists of reviews: every filter and order, paged to the end; consoles; both languages."""

from datetime import UTC, datetime
from random import Random
from urllib.parse import quote

import httpx
import pytest

from jishi.db import Pool, transaction
from jishi.kit.ids import AccountId, IdMaker
from jishi.modules import reviews
from jishi.modules.reviews.types import Why, Words
from tests.support.buying import Browser
from tests.support.console import Stall, a_stall, read, send
from tests.support.invariants import sound
from tests.support.makers import Goods, Town
from tests.support.reviewing import a_purchase, a_review

__all__ = ["sound"]
pytestmark = pytest.mark.usefixtures("sound")


async def many(pool: Pool, ids: IdMaker, goods: Goods, count: int) -> None:
    chance = Random(5)
    async with transaction(pool) as tx:
        for at in range(count):
            pictures = [{"media_id": str(ids.make(1))}] if at % 4 == 0 else []
            words = Words(stars=chance.randint(1, 5), text="好" * at, pictures=pictures)
            review = await a_review(tx, ids, goods, words)
            if at % 7 == 0:
                writer = AccountId(review.writer_id or 0)
                at_once = review.created_at
                await reviews.follow_up(tx, review.id, "还行", [], writer_id=writer, now=at_once)


@pytest.mark.parametrize("sort", ["best", "newest"])
async def test_every_filter_shows_what_its_count_says_page_by_page(
    pool: Pool, ids: IdMaker, shop: Town, client: httpx.AsyncClient, sort: str
) -> None:
    goods = shop.goods[0]
    await many(pool, ids, goods, 45)
    path = f"/api/v1/products/{goods.product_id}/reviews"
    counts = (await client.get(path)).json()["summary"]["by_filter"]
    assert counts["all"] == 45
    for name, count in [*counts.items(), (f"sku&sku={goods.sku_id}", 45)]:
        seen: list[str] = []
        cursor = ""
        while True:
            answer = await client.get(f"{path}?sort={sort}&filter={name}{cursor}")
            body = answer.json()
            seen += [it["id"] for it in body["items"]]
            if not body["next_cursor"]:
                break
            cursor = f"&cursor={quote(body['next_cursor'])}"
        assert len(seen) == len(set(seen)) == count, name
        if sort == "newest":
            assert seen == sorted(seen, key=int, reverse=True)


async def test_pages_render_in_both_languages_and_go_on(
    pool: Pool, ids: IdMaker, shop: Town, client: httpx.AsyncClient
) -> None:
    goods = shop.goods[1]
    await many(pool, ids, goods, 25)
    path = f"/p/{goods.product_id}/reviews"
    for locale, word in (("en", "Verified purchase"), ("zh-CN", "已购买")):
        page = await client.get(path, headers={"accept-language": locale})
        assert page.status_code == 200
        assert word in page.text
    more = await client.get(f"{path}?after=x")
    assert more.status_code == 422
    assert (await client.get("/p/1/reviews")).status_code == 404
    product = (await client.get(f"/p/{goods.product_id}")).text
    assert f"{path}" in product
    assert "★" in (await client.get(f"/s/{goods.shop_id}")).text, "the rating on a card"


async def test_a_hidden_review_is_gone_but_its_writer_reads_why(
    pool: Pool, ids: IdMaker, shop: Town, buyer: Browser, client: httpx.AsyncClient
) -> None:
    async with transaction(pool) as tx:
        words = Words(stars=1, text="Call 13800138000")
        review = await a_review(tx, ids, shop.goods[0], words, buyer_id=buyer.account_id)
        why, now = Why.PRIVATE, datetime.now(UTC)
        await reviews.hide(tx, review.id, why, "A number", by=AccountId(1), now=now)
    path = f"/p/{shop.goods[0].product_id}/reviews"
    assert "13800138000" not in (await client.get(path)).text
    mine = (await buyer.get("/me/reviews?tab=written")).text
    assert "Someone's private data" in mine
    assert "A number" in mine
    listed = (await buyer.api("GET", "/api/v1/me/reviews")).json()["items"]
    assert listed[0]["hidden_why"] == "private"


async def test_the_shop_answers_and_does_not_learn_who_is_anonymous(
    pool: Pool, ids: IdMaker, client: httpx.AsyncClient
) -> None:
    stall: Stall = await a_stall(pool, ids)
    async with transaction(pool) as tx:
        goods = stall.town.goods[0]
        secret = await a_review(tx, ids, goods, Words(stars=2, text="Hm", is_anonymous=True))
        named = await a_review(tx, ids, goods, Words(stars=5, text="Fine"))
    page = (await read(client, stall, "clerk", "/merchant/{shop}/reviews")).text
    assert str(named.order_id) in page
    assert str(secret.order_id) not in page
    path = f"/merchant/{stall.shop_id}/reviews/{secret.id}/answer"
    assert (await send(client, stall, "warehouse", path, answer="x")).status_code == 403
    assert (await send(client, stall, "stranger", path, answer="x")).status_code == 404
    assert (await send(client, stall, "clerk", path, answer="Sorry to hear")).status_code == 303
    seen = (await client.get(f"/p/{goods.product_id}/reviews")).text
    assert "Sorry to hear" in seen
    api = f"/api/v1/shops/{stall.shop_id}/reviews/{secret.id}/answer"
    headers = stall.headers("owner")
    changed = await client.put(api, headers=headers, json={"answer": "Sorry"})
    assert changed.json()["answer"] == "Sorry"
    bare = await client.put(api, headers=headers, json={"answer": " "})
    assert (bare.status_code, bare.json()["code"]) == (422, "reviews.words_missing")


async def test_an_operator_hides_with_a_reason_and_shows_again(
    pool: Pool, ids: IdMaker, client: httpx.AsyncClient
) -> None:
    stall: Stall = await a_stall(pool, ids)
    async with transaction(pool) as tx:
        review = await a_review(tx, ids, stall.town.goods[0], Words(stars=1, text="Buy at x.com"))
        await reviews.report(
            tx, review.id, AccountId(9), Why.ADVERTISING, "", now=datetime.now(UTC)
        )
    path = f"/operator/reviews/{review.id}"
    assert (await send(client, stall, "owner", f"{path}/hide", why="fake")).status_code == 403
    assert (await send(client, stall, "operator", f"{path}/hide", why="")).status_code == 422
    done = await send(client, stall, "operator", f"{path}/hide", why="advertising", note="A link")
    assert done.status_code == 303
    hidden = (await read(client, stall, "operator", "/operator/reviews?view=hidden")).text
    assert "A link" in hidden
    audit = await pool.fetchval("SELECT action FROM audit WHERE subject = $1", str(review.id))
    assert audit == "review.hidden"
    assert (await send(client, stall, "operator", f"{path}/show")).status_code == 303
    assert (await send(client, stall, "operator", f"{path}/leave")).status_code == 303
    api = f"/api/v1/operator/reviews/{review.id}/hidden"
    headers = stall.headers("operator")
    assert (await client.put(api, headers=headers, json={"why": "fake"})).json()["is_hidden"]
    assert not (await client.delete(api, headers=headers)).json()["is_hidden"]


async def test_an_operator_lets_a_held_review_be_seen(
    pool: Pool, ids: IdMaker, client: httpx.AsyncClient
) -> None:
    stall: Stall = await a_stall(pool, ids)
    goods = stall.town.goods[0]
    async with transaction(pool) as tx:
        purchase = a_purchase(goods, ids, since=datetime.now(UTC))
        review = await reviews.write(
            tx,
            purchase,
            Words(stars=3, text="Nice box"),
            ids,
            writer_id=purchase.buyer_id,
            held_for=["box"],
            now=datetime.now(UTC),
        )
    queue = (await read(client, stall, "operator", "/operator/reviews")).text
    assert "Nice box" in queue
    assert '<b class="medium">box</b>' in queue
    shops = (await read(client, stall, "clerk", "/merchant/{shop}/reviews?view=all")).text
    assert "Nice box" not in shops
    assert "Nice box" not in (await client.get(f"/p/{goods.product_id}/reviews")).text
    hidden = (await read(client, stall, "operator", "/operator/reviews?view=hidden")).text
    assert "Nice box" not in hidden
    path = f"/operator/reviews/{review.id}/show"
    assert (await send(client, stall, "operator", path)).status_code == 303
    assert "Nice box" in (await client.get(f"/p/{goods.product_id}/reviews")).text
    page = (await read(client, stall, "operator", "/operator/audit")).text
    assert "Let a review be seen" in page
