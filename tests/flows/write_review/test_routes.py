"""Writing a review as a buyer's browser and programs do it, and everything that is refused."""

import io
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from PIL import Image

from jishi.db import Pool, transaction
from jishi.flows.write_review import flow
from jishi.kit.ids import EPOCH_MS, AccountId, IdMaker, OrderId, ReviewId, cell_of
from jishi.modules import reviews
from jishi.modules.reviews.types import Words
from tests.support.buying import Browser, a_buyer
from tests.support.console import a_stall, read, send
from tests.support.invariants import sound
from tests.support.makers import Buyer, Town, complete_all
from tests.support.reviewing import a_review, bought_lines, summary_row

__all__ = ["sound"]
pytestmark = pytest.mark.usefixtures("sound")


def a_picture(colour: str = "red") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(out, "PNG")
    return out.getvalue()


async def an_order(pool: Pool, ids: IdMaker, shop: Town, buyer: Browser, **more: object) -> OrderId:
    who = Buyer(buyer.account_id, buyer.address_id)
    now = datetime.now(UTC)
    return await bought_lines(pool, ids, shop, who, shop.goods[:1], at=now, **more)  # type: ignore[arg-type]


def api(order_id: OrderId, line: int = 1) -> str:
    return f"/api/v1/orders/{order_id}/lines/{line}"


async def test_a_buyer_writes_changes_and_follows_up(
    pool: Pool, ids: IdMaker, shop: Town, buyer: Browser
) -> None:
    order_id = await an_order(pool, ids, shop, buyer)
    waiting = (await buyer.get("/me/reviews")).text
    path = f"/orders/{order_id}/lines/1/review"
    assert path in waiting
    form = await buyer.get(path)
    assert form.status_code == 200
    answer = await buyer.post(path, stars="4", text="Sits well", dispatch_stars="5")
    assert (answer.status_code, answer.headers["location"]) == (303, "/me/reviews")
    assert path not in (await buyer.get("/me/reviews")).text
    written = (await buyer.get("/me/reviews?tab=written")).text
    assert "Sits well" in written
    review_id = await pool.fetchval("SELECT id FROM review WHERE order_id = $1", order_id)
    changed = await buyer.post(f"/reviews/{review_id}/edit", stars="5", text="Sits very well")
    assert changed.status_code == 303
    more = await buyer.post(f"/reviews/{review_id}/follow-up", text="Still does")
    assert more.status_code == 303
    page = (await buyer.get(f"/p/{shop.goods[0].product_id}")).text
    assert "Sits very well" in page
    assert "Still does" in page
    again = await buyer.post(f"/reviews/{review_id}/follow-up", text="And on")
    assert again.status_code == 409


@pytest.mark.parametrize(
    ("_case", "fields", "told"),
    [
        ("no stars", {"text": "Good"}, "Choose one to five stars."),
        ("six stars", {"stars": "6"}, "Choose one to five stars."),
        ("too long", {"stars": "5", "text": "x" * 2001}, "At most 2000 characters"),
    ],
)
async def test_a_wrong_form_comes_back_with_what_was_typed(
    pool: Pool,
    ids: IdMaker,
    shop: Town,
    buyer: Browser,
    _case: str,
    fields: dict[str, str],
    told: str,
) -> None:
    order_id = await an_order(pool, ids, shop, buyer)
    answer = await buyer.post(f"/orders/{order_id}/lines/1/review", **fields)
    assert answer.status_code == 422
    assert told in answer.text
    assert fields.get("text", "")[:20] in answer.text


async def test_pictures_are_known_by_what_they_hold(
    pool: Pool, ids: IdMaker, shop: Town, buyer: Browser
) -> None:
    order_id = await an_order(pool, ids, shop, buyer)
    files = [("files", ("a.txt", a_picture(), "text/plain"))]
    kept = await buyer.api("POST", f"{api(order_id)}/pictures", files=files)
    assert kept.status_code == 201
    picture_id = kept.json()["items"][0]["picture_id"]
    bad = [("files", ("a.png", b"<script>", "image/png"))]
    refused = await buyer.api("POST", f"{api(order_id)}/pictures", files=bad)
    assert (refused.status_code, refused.json()["code"]) == (422, "media.kind_unknown")
    body = {"stars": 5, "text": "As shown", "picture_ids": [picture_id]}
    written = await buyer.api("POST", f"{api(order_id)}/review", json=body)
    assert written.status_code == 201
    assert written.json()["picture_ids"] == [picture_id]
    assert (await summary_row(pool, shop.goods[0]))["pictured"] == 1


async def test_a_picture_of_someone_else_is_refused(
    app: object, pool: Pool, ids: IdMaker, shop: Town, buyer: Browser
) -> None:
    other = await a_buyer(app, pool, ids)
    theirs = await an_order(pool, ids, shop, other)
    files = [("files", ("a.png", a_picture("blue"), "image/png"))]
    kept = await other.api("POST", f"{api(theirs)}/pictures", files=files)
    picture_id = kept.json()["items"][0]["picture_id"]
    mine = await an_order(pool, ids, shop, buyer)
    body = {"stars": 5, "picture_ids": [picture_id]}
    refused = await buyer.api("POST", f"{api(mine)}/review", json=body)
    assert (refused.status_code, refused.json()["code"]) == (422, "reviews.picture_not_yours")
    await other.http.aclose()


async def test_what_was_not_bought_shipped_or_is_reviewed_already_is_refused_by_name(
    app: object, pool: Pool, ids: IdMaker, shop: Town, buyer: Browser
) -> None:
    other = await a_buyer(app, pool, ids)
    order_id = await an_order(pool, ids, shop, buyer)
    unshipped = await an_order(pool, ids, shop, buyer, is_shipped=False)
    body = {"stars": 5}
    for who, order, line, status, code in (
        (other, order_id, 1, 404, "reviews.not_bought"),
        (buyer, order_id, 2, 404, "reviews.not_bought"),
        (buyer, unshipped, 1, 409, "reviews.not_delivered"),
        (buyer, order_id, 1, 201, ""),
        (buyer, order_id, 1, 409, "reviews.already_written"),
    ):
        answer = await who.api("POST", f"{api(order, line)}/review", json=body)
        assert (answer.status_code, answer.json().get("code", "")) == (status, code)
    await other.http.aclose()


async def test_after_half_a_year_it_is_too_late(
    pool: Pool, ids: IdMaker, shop: Town, buyer: Browser
) -> None:
    who, at = Buyer(buyer.account_id, buyer.address_id), datetime.now(UTC) - timedelta(days=181)
    order_id = await bought_lines(pool, ids, shop, who, shop.goods[:1], at=at)
    async with transaction(pool) as tx:
        await complete_all(tx, [order_id], at=at)
    answer = await buyer.api("POST", f"{api(order_id)}/review", json={"stars": 5})
    assert (answer.status_code, answer.json()["code"]) == (409, "reviews.too_late")
    assert str(order_id) not in (await buyer.get("/me/reviews")).text


async def test_a_repeated_key_writes_once(
    pool: Pool, ids: IdMaker, shop: Town, buyer: Browser
) -> None:
    order_id = await an_order(pool, ids, shop, buyer)
    body = {"stars": 5, "text": "Once"}
    async with httpx.AsyncClient(
        transport=buyer.http._transport, base_url="http://market.test"
    ) as bare:
        headers = {"authorization": f"Bearer {buyer.token}", "idempotency-key": "once"}
        path = f"{api(order_id)}/review"
        answers = [await bare.post(path, headers=headers, json=body) for _ in range(2)]
    assert [it.status_code for it in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()


async def test_votes_toggle_and_not_for_oneself(
    app: object, pool: Pool, ids: IdMaker, shop: Town, buyer: Browser
) -> None:
    async with transaction(pool) as tx:
        goods = shop.goods[0]
        own = await a_review(tx, ids, goods, buyer_id=buyer.account_id)
        other = await a_review(tx, ids, goods)
    path = f"/api/v1/reviews/{other.id}/vote"
    for helpful, up, down in ((True, 1, 0), (True, 1, 0), (False, 0, 1), (None, 0, 0)):
        answer = (await buyer.api("PUT", path, json={"helpful": helpful})).json()
        assert (answer["helpful_count"], answer["unhelpful_count"]) == (up, down)
    mine = await buyer.api("PUT", f"/api/v1/reviews/{own.id}/vote", json={"helpful": True})
    assert (mine.status_code, mine.json()["code"]) == (403, "reviews.own")
    page = await buyer.post(f"/reviews/{other.id}/vote", helpful="1", next="/p/1")
    assert (page.status_code, page.headers["location"]) == (303, "/p/1")


async def test_a_vote_counts_once_its_account_has_a_history(
    pool: Pool, ids: IdMaker, shop: Town
) -> None:
    now = datetime.now(UTC)
    old = AccountId(((int(now.timestamp() * 1000) - EPOCH_MS - 20 * 86_400_000) << 22) | 7 << 14)
    async with transaction(pool) as tx:
        review = await a_review(tx, ids, shop.goods[0])
        await flow.vote(tx, review.id, old, is_helpful=True, staff_of=[], now=now)
    figures = "SELECT helpful, trusted_helpful FROM review WHERE cell = $1 AND id = $2"
    mine = (cell_of(review.id), review.id)
    assert tuple(await pool.fetchrow(figures, *mine)) == (1, 0)
    who = Buyer(old, shop.buyers[0].address_id) if shop.buyers else None
    if who is None:
        who = await _an_address(pool, ids, old, now)
    order_id = await bought_lines(pool, ids, shop, who, shop.goods[:1], at=now)
    async with transaction(pool) as tx:
        await complete_all(tx, [order_id], at=now)
        assert await flow.trust_votes(tx, now=now) >= 1
        await reviews.rank_due(tx, limit=500)
    assert tuple(await pool.fetchrow(figures, *mine)) == (1, 1)


async def test_a_report_needs_a_reason_and_waits_for_the_operator(
    pool: Pool, ids: IdMaker, shop: Town, buyer: Browser
) -> None:
    async with transaction(pool) as tx:
        words = Words(stars=1, text="Call me")
        review = await a_review(tx, ids, shop.goods[0], words)
    assert (await buyer.get(f"/reviews/{review.id}/report")).status_code == 200
    bare = await buyer.post(f"/reviews/{review.id}/report", why="because")
    assert bare.status_code == 422
    told = await buyer.post(f"/reviews/{review.id}/report", why="private", note="a number")
    assert told.status_code == 303
    again = await buyer.api("POST", f"/api/v1/reviews/{review.id}/report", json={"why": "abuse"})
    assert again.status_code == 202
    async with transaction(pool) as tx:
        assert (await reviews.get_review(tx, ReviewId(review.id))).open_reports == 1


async def _an_address(pool: Pool, ids: IdMaker, account_id: AccountId, now: datetime) -> Buyer:
    from tests.support.makers import _ADDRESSES

    address_id = ids.make(cell_of(account_id))
    await pool.execute(_ADDRESSES, [address_id], [account_id], now)
    return Buyer(account_id, address_id)  # type: ignore[arg-type]


async def test_what_carries_the_markets_words_waits_for_an_operator(
    pool: Pool, ids: IdMaker, shop: Town, buyer: Browser, client: httpx.AsyncClient
) -> None:
    order_id = await an_order(pool, ids, shop, buyer)
    path = f"/orders/{order_id}/lines/1/review"
    done = await buyer.post(path, stars="5", text="想便宜就加 微 信 abc")
    assert done.status_code == 303
    product = f"/p/{shop.goods[0].product_id}/reviews"
    assert "abc" not in (await client.get(product)).text
    mine = (await buyer.get("/me/reviews?tab=written")).text
    assert "Nobody else sees this review yet" in mine
    listed = (await buyer.api("GET", "/api/v1/me/reviews")).json()["items"]
    assert listed[0]["held"]
    review_id = listed[0]["id"]
    mended = await buyer.post(f"/reviews/{review_id}/edit", stars="5", text="挺好")
    assert mended.status_code == 303
    assert "挺好" in (await client.get(product)).text
    more = await buyer.post(f"/reviews/{review_id}/follow-up", text="可以线下付款")
    assert more.status_code == 303
    assert "挺好" not in (await client.get(product)).text
    async with transaction(pool) as tx:
        assert (await reviews.get_review(tx, ReviewId(int(review_id)))).held_words == ["线下付款"]


async def test_an_answer_with_such_a_word_is_refused_by_name_and_kept_in_the_form(
    pool: Pool, ids: IdMaker, client: httpx.AsyncClient
) -> None:
    stall = await a_stall(pool, ids)
    async with transaction(pool) as tx:
        review = await a_review(tx, ids, stall.town.goods[0])
    api = f"/api/v1/shops/{stall.shop_id}/reviews/{review.id}/answer"
    headers = stall.headers("clerk")
    refused = await client.put(api, headers=headers, json={"answer": "加微信退您钱"})
    assert (refused.status_code, refused.json()["code"]) == (422, "reviews.word_refused")
    assert "加微信" in refused.json()["detail"]
    page = f"/merchant/{stall.shop_id}/reviews/{review.id}/answer"
    swapped = await client.post(
        page, headers=headers | {"hx-request": "true"}, data={"answer": "加微信退您钱"}
    )
    assert swapped.status_code == 422
    assert "加微信" in swapped.text
    assert "<html" not in swapped.text
    done = await client.post(
        page, headers=headers | {"hx-request": "true"}, data={"answer": "Thank you"}
    )
    assert done.headers["hx-redirect"].endswith("/reviews")


async def test_staff_report_a_review_and_come_back(
    pool: Pool, ids: IdMaker, client: httpx.AsyncClient
) -> None:
    stall = await a_stall(pool, ids)
    async with transaction(pool) as tx:
        review = await a_review(tx, ids, stall.town.goods[0])
    console = f"/merchant/{stall.shop_id}/reviews?view=all"
    listed = await read(client, stall, "clerk", console)
    assert f"/reviews/{review.id}/report" in listed.text
    path = f"/reviews/{review.id}/report"
    bare = await send(client, stall, "clerk", path, note="It is our rival", next=console)
    assert bare.status_code == 422
    assert "It is our rival" in bare.text
    told = await send(client, stall, "clerk", path, why="fake", next=console)
    assert told.headers["location"] == console
    away = await send(client, stall, "clerk", path, why="fake", next="https://evil.test/")
    assert away.headers["location"] == "/"
