"""Buyers and shops talk over HTTP, and hear of it over a WebSocket."""

import io
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from PIL import Image

from jishi.db import Pool
from jishi.flows.chat.queries import SIZE
from jishi.kit.ids import IdMaker
from tests.support.makers import Goods, Town, a_town, an_order, committed
from tests.support.persons import Person, a_person
from tests.support.sockets import opened


@dataclass(frozen=True)
class Desk:
    """A buyer and a shop with two clerks, before anything was said."""

    buyer: Person
    clerk: Person
    other: Person
    stranger: Person
    town: Town

    @property
    def shop(self) -> str:
        return f"/api/v1/shops/{self.town.shops[0]}/conversations"

    @property
    def console(self) -> str:
        return f"/merchant/{self.town.shops[0]}/chats"


@pytest.fixture
async def desk(client: httpx.AsyncClient, pool: Pool, ids: IdMaker) -> Desk:
    town = await a_town(pool, ids)
    shop_id = town.shops[0]
    return Desk(
        buyer=await a_person(client, pool, ids),
        clerk=await a_person(client, pool, ids, clerk=shop_id),
        other=await a_person(client, pool, ids, manager=shop_id),
        stranger=await a_person(client, pool, ids, clerk=town.shops[1]),
        town=town,
    )


@pytest.fixture
async def talk(desk: Desk) -> str:
    """The id of an open conversation."""
    answer = await desk.buyer.post("/api/v1/conversations", {"shop_id": str(desk.town.shops[0])})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def read(person: Person, path: str, **params: str) -> Any:
    answer = await person.client.get(
        path, params=params, headers={"authorization": f"Bearer {person.token}"}
    )
    assert answer.status_code == 200, answer.text
    return answer.json() if path.startswith("/api/") else answer.text


async def status(person: Person, path: str) -> int:
    headers = {"authorization": f"Bearer {person.token}"}
    return (await person.client.get(path, headers=headers)).status_code


async def ask(desk: Desk, talk: str, text: str = "Is it in stock?", **more: str) -> httpx.Response:
    path = f"/api/v1/conversations/{talk}/messages"
    return await desk.buyer.post(path, {"text": text, **more})


async def answer(desk: Desk, talk: str, text: str = "Yes.") -> httpx.Response:
    return await desk.clerk.post(f"{desk.shop}/{talk}/messages", {"text": text})


async def test_one_conversation_per_pair(desk: Desk, talk: str) -> None:
    again = await desk.buyer.post("/api/v1/conversations", {"shop_id": str(desk.town.shops[0])})
    assert again.json()["id"] == talk
    listed = await read(desk.buyer, "/api/v1/conversations")
    assert listed["items"] == []  # nothing was said yet


async def test_asked_answered_and_read(desk: Desk, talk: str) -> None:
    assert (await ask(desk, talk)).status_code == 201
    waiting = await read(desk.clerk, desk.shop, box="waiting")
    assert [(it["id"], it["unread"]) for it in waiting["items"]] == [(talk, 1)]
    assert waiting["unread"] == 1
    page = await read(desk.clerk, f"{desk.console}/{talk}")
    assert "Is it in stock?" in page
    assert (await read(desk.clerk, desk.shop))["items"][0]["unread"] == 0  # the page was read

    assert (await answer(desk, talk)).status_code == 201
    assert (await read(desk.clerk, desk.shop, box="waiting"))["items"] == []
    mine = await read(desk.buyer, "/api/v1/conversations")
    assert (mine["unread"], mine["items"][0]["last_text"]) == (1, "Yes.")
    said = await read(desk.buyer, f"/api/v1/conversations/{talk}/messages")
    assert [(it["sender"], it["text"]) for it in said["items"]] == [
        ("shop", "Yes."),
        ("buyer", "Is it in stock?"),
    ]
    done = await desk.buyer.post(f"/api/v1/conversations/{talk}/read", {})
    assert done.json() == {"unread": 0}


async def test_how_long_a_buyer_waited_is_kept(desk: Desk, talk: str, pool: Pool) -> None:
    for text in ("Hello?", "Anybody?"):
        await ask(desk, talk, text)
    await answer(desk, talk)
    await answer(desk, talk, "And more.")
    rows = await pool.fetch(
        "SELECT seat_id, answered_at >= asked_at AS fine FROM message_answer WHERE shop_id = $1",
        desk.town.shops[0],
    )
    assert [(row["seat_id"], row["fine"]) for row in rows] == [(desk.clerk.account_id, True)]


async def test_a_key_says_it_once(desk: Desk, talk: str) -> None:
    first = (await ask(desk, talk, key="k1")).json()["id"]
    assert (await ask(desk, talk, key="k1")).json()["id"] == first
    assert (await ask(desk, talk, key="k2")).json()["id"] != first
    said = await read(desk.buyer, f"/api/v1/conversations/{talk}/messages")
    assert len(said["items"]) == 2


async def test_a_key_with_other_words_is_not_taken_for_a_repeat(desk: Desk, talk: str) -> None:
    await ask(desk, talk, key="k1")
    other = await ask(desk, talk, "Something else", key="k1")
    assert (other.status_code, other.json()["code"]) == (409, "messages.key_reused")
    said = await read(desk.buyer, f"/api/v1/conversations/{talk}/messages")
    assert [it["text"] for it in said["items"]] == ["Is it in stock?"]


async def test_a_page_says_it_in_place_and_again_says_it_once(desk: Desk, talk: str) -> None:
    headers = {"authorization": f"Bearer {desk.buyer.token}", "hx-request": "true"}
    path, form = f"/chats/{talk}", {"text": "Hello?", "key": "k1"}
    for _ in range(2):
        sent = await desk.buyer.client.post(path, data=form, headers=headers)
        assert (sent.status_code, sent.text) == (204, "")
    empty = await desk.buyer.client.post(path, data={"text": " "}, headers=headers)
    assert empty.status_code == 422
    assert 'role="alert"' in empty.text
    assert "<form" not in empty.text
    said = await read(desk.buyer, f"/api/v1/conversations/{talk}/messages")
    assert len(said["items"]) == 1


async def test_a_word_of_the_list_is_refused_by_name_and_one_around_the_market_goes_with_a_caution(
    desk: Desk, talk: str
) -> None:
    refused = await ask(desk, talk, "有假身份证吗")
    assert (refused.status_code, refused.json()["code"]) == (422, "messages.word_refused")
    assert "假身份证" in refused.json()["detail"]
    assert (await answer(desk, talk, "请加 微信 转我")).status_code == 201
    said = (await read(desk.buyer, f"/api/v1/conversations/{talk}/messages"))["items"]
    assert [it["cautioned"] for it in said] == [True]
    headers = {"authorization": f"Bearer {desk.buyer.token}", "cookie": "lang=en"}
    theirs = await desk.buyer.client.get(f"/chats/{talk}", headers=headers)
    assert "Pay in the market only" in theirs.text
    headers = {"authorization": f"Bearer {desk.clerk.token}", "cookie": "lang=en"}
    own = await desk.clerk.client.get(f"{desk.console}/{talk}", headers=headers)
    assert "Keep the sale in the market" not in own.text  # not to the one who wrote it


async def test_a_question_is_answered_before_its_conversation_ends(desk: Desk, talk: str) -> None:
    await ask(desk, talk)
    headers = {"authorization": f"Bearer {desk.clerk.token}"}
    early = await desk.clerk.client.post(f"{desk.console}/{talk}/close", headers=headers)
    assert early.status_code == 409
    assert len((await read(desk.clerk, desk.shop, box="waiting"))["items"]) == 1
    await answer(desk, talk)
    done = await desk.clerk.client.post(f"{desk.console}/{talk}/close", headers=headers)
    assert done.status_code == 303
    assert len((await read(desk.clerk, desk.shop, box="closed"))["items"]) == 1


async def test_a_long_absence_is_read_page_by_page(desk: Desk, talk: str) -> None:
    first = (await ask(desk, talk)).json()["id"]
    for n in range(SIZE + 3):
        assert (await answer(desk, talk, f"No. {n}.")).status_code == 201
    headers = {"authorization": f"Bearer {desk.buyer.token}", "hx-request": "true"}
    get, path = desk.buyer.client.get, f"/chats/{talk}"
    news = (await get(path, params={"after": first}, headers=headers)).text
    assert f"No. {SIZE - 1}." in news
    assert f"No. {SIZE}." not in news
    assert 'hx-trigger="load, live' in news  # it asks for the rest at once
    mine = await read(desk.buyer, "/api/v1/conversations")
    assert mine["unread"] == 3  # what was not shown is not read
    after = news.rpartition("?after=")[2].partition('"')[0]
    rest = (await get(path, params={"after": after}, headers=headers)).text
    assert f"No. {SIZE + 2}." in rest
    assert (await read(desk.buyer, "/api/v1/conversations"))["unread"] == 0


async def test_programs_of_a_shop_say_what_was_read(desk: Desk, talk: str) -> None:
    await ask(desk, talk)
    path = f"{desk.shop}/{talk}/read"
    assert (await desk.stranger.post(path, {})).status_code == 404
    assert (await desk.clerk.post(path, {})).json() == {"unread": 0}
    assert (await read(desk.clerk, desk.shop))["unread"] == 0


async def test_a_draft_is_no_card(desk: Desk, talk: str, pool: Pool) -> None:
    goods = first_goods(desk.town)
    path, body = f"/api/v1/conversations/{talk}/messages", {"product_id": str(goods.product_id)}
    assert (await desk.buyer.post(path, body)).status_code == 201
    await pool.execute("UPDATE product SET state = 'draft' WHERE id = $1", goods.product_id)
    assert (await desk.buyer.post(path, body)).status_code == 422
    listed = (await read(desk.buyer, "/api/v1/conversations"))["items"][0]
    assert (listed["last_kind"], listed["last_text"]) == ("product", "")


async def test_who_left_the_shop_is_given_nothing(desk: Desk, talk: str, pool: Pool) -> None:
    headers = {"authorization": f"Bearer {desk.other.token}"}
    await desk.other.client.post(f"{desk.console}/duty", data={"on": "1"}, headers=headers)
    await pool.execute("DELETE FROM shop_staff WHERE account_id = $1", desk.other.account_id)
    await ask(desk, talk)
    assert await pool.fetchval("SELECT seat_id FROM conversation WHERE id = $1", int(talk)) is None


async def test_strangers_see_and_say_nothing(desk: Desk, talk: str) -> None:
    path = f"/api/v1/conversations/{talk}/messages"
    assert await status(desk.stranger, path) == 404
    assert (await desk.stranger.post(path, {"text": "x"})).status_code == 404
    assert await status(desk.stranger, f"{desk.shop}/{talk}/messages") == 404
    theirs = f"/api/v1/shops/{desk.town.shops[1]}/conversations/{talk}/messages"
    assert await status(desk.stranger, theirs) == 404  # staff, of another shop
    assert await status(desk.buyer, f"{desk.console}/{talk}") == 404


@pytest.mark.parametrize(
    ("body", "code", "field"),
    [
        ({"text": " "}, "messages.empty", "text"),
        ({"text": "x" * 1001}, "messages.too_long", "text"),
        ({"order_id": "77"}, "messages.card_unknown", "order"),
        ({"product_id": "77"}, "messages.card_unknown", "product"),
    ],
)
async def test_what_cannot_be_said(
    desk: Desk, talk: str, body: dict[str, str], code: str, field: str
) -> None:
    refused = await desk.buyer.post(f"/api/v1/conversations/{talk}/messages", body)
    assert refused.status_code == 422
    assert (refused.json()["code"], refused.json()["errors"][0]["field"]) == (code, field)


async def test_cards_show_orders_and_goods_of_the_two(
    desk: Desk, talk: str, pool: Pool, ids: IdMaker
) -> None:
    town, goods = desk.town, first_goods(desk.town)
    mine = Town(shops=town.shops, goods=[goods], buyers=[desk.buyer.buyer])
    order_id = await committed(pool, lambda tx: an_order(tx, ids, mine))
    theirs = await committed(
        pool, lambda tx: an_order(tx, ids, Town(town.shops, [goods], town.buyers))
    )
    path = f"/api/v1/conversations/{talk}/messages"
    assert (await desk.buyer.post(path, {"order_id": str(order_id)})).status_code == 201
    assert (await desk.buyer.post(path, {"order_id": str(theirs)})).status_code == 422
    said = (await read(desk.buyer, path))["items"]
    assert (said[0]["kind"], said[0]["card"]["id"]) == ("order", str(order_id))
    assert str(order_id) in await read(desk.clerk, f"{desk.console}/{talk}")


async def test_nobody_writes_to_their_own_shop(desk: Desk) -> None:
    refused = await desk.clerk.post("/api/v1/conversations", {"shop_id": str(desk.town.shops[0])})
    assert (refused.status_code, refused.json()["code"]) == (409, "messages.own_shop")


async def test_the_one_on_duty_with_the_fewest_is_given_it(
    desk: Desk, talk: str, pool: Pool
) -> None:
    headers = {"authorization": f"Bearer {desk.other.token}"}
    await desk.other.client.post(f"{desk.console}/duty", data={"on": "1"}, headers=headers)
    await ask(desk, talk)
    seat = await pool.fetchval("SELECT seat_id FROM conversation WHERE id = $1", int(talk))
    assert seat == desk.other.account_id
    assert len((await read(desk.other, desk.shop, box="mine"))["items"]) == 1
    assert (await read(desk.clerk, desk.shop, box="mine"))["items"] == []


async def test_handing_over_is_noted_and_only_to_staff(desk: Desk, talk: str, pool: Pool) -> None:
    await ask(desk, talk)
    await answer(desk, talk)
    path = f"{desk.console}/{talk}/hand-over"
    headers = {"authorization": f"Bearer {desk.clerk.token}"}
    post = desk.clerk.client.post
    refused = await post(path, data={"seat_id": str(desk.stranger.account_id)}, headers=headers)
    assert refused.status_code == 422
    done = await post(path, data={"seat_id": str(desk.other.account_id)}, headers=headers)
    assert done.status_code == 303
    again = await post(path, data={"seat_id": str(desk.other.account_id)}, headers=headers)
    assert again.status_code == 303
    said = await read(desk.buyer, f"/api/v1/conversations/{talk}/messages")
    assert [it["kind"] for it in said["items"]] == ["note", "text", "text"]
    listed = (await read(desk.buyer, "/api/v1/conversations"))["items"][0]
    assert (listed["last_text"], listed["last_by"]) == ("Yes.", "shop")  # a note was not said
    done = await post(f"{desk.console}/{talk}/close", headers=headers)
    assert done.status_code == 303
    assert len((await read(desk.clerk, desk.shop, box="closed"))["items"]) == 1
    await ask(desk, talk, "One more thing")
    assert len((await read(desk.clerk, desk.shop, box="open"))["items"]) == 1


async def test_pictures_are_seen_by_the_two_only(desk: Desk, talk: str) -> None:
    raw = io.BytesIO()
    Image.new("RGB", (400, 400), "red").save(raw, "PNG")
    headers = {"authorization": f"Bearer {desk.buyer.token}"}
    path = f"/chats/{talk}/pictures"
    post = desk.buyer.client.post
    sent = await post(path, files={"picture": ("a.png", raw.getvalue())}, headers=headers)
    assert sent.status_code == 303
    bad = await post(path, files={"picture": ("a.png", b"<svg onload=x>")}, headers=headers)
    assert bad.status_code == 422
    page = await read(desk.buyer, f"/chats/{talk}")
    address = page.split('class="bubble bubble--pic" href="')[1].split('"')[0]
    assert await status(desk.buyer, address) == 200
    said = await read(desk.buyer, f"/api/v1/conversations/{talk}/messages")
    assert await status(desk.buyer, said["items"][0]["picture"]) == 200
    shop_side = address.replace("/chats/", f"{desk.console}/")
    assert await status(desk.clerk, shop_side) == 200
    assert await status(desk.stranger, address) == 404


async def test_quick_replies(desk: Desk) -> None:
    headers = {"authorization": f"Bearer {desk.clerk.token}"}
    post, path = desk.clerk.client.post, f"{desk.console}/replies"
    assert (await post(path, data={"title": "", "text": "x"}, headers=headers)).status_code == 422
    for n in range(50):
        made = await post(path, data={"title": f"n{n}", "text": "Hello"}, headers=headers)
        assert made.status_code == 303
    full = await post(path, data={"title": "n51", "text": "Hello"}, headers=headers)
    assert full.status_code == 409


@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_pages_open_in_both_languages(desk: Desk, talk: str, language: str) -> None:
    await ask(desk, talk)
    pages = [
        (desk.buyer, "/chats"),
        (desk.buyer, f"/chats/{talk}"),
        (desk.clerk, desk.console),
        (desk.clerk, f"{desk.console}/{talk}"),
        (desk.clerk, f"{desk.console}/replies"),
    ]
    for person, path in pages:
        headers = {"authorization": f"Bearer {person.token}", "cookie": f"lang={language}"}
        found = await person.client.get(path, headers=headers)
        assert found.status_code == 200, path
        assert f'lang="{language}"' in found.text


async def test_a_page_asks_for_what_is_new_only(desk: Desk, talk: str) -> None:
    first = (await ask(desk, talk)).json()["id"]
    await answer(desk, talk, "Yes, ten.")
    for person, path in ((desk.buyer, f"/chats/{talk}"), (desk.clerk, f"{desk.console}/{talk}")):
        headers = {"authorization": f"Bearer {person.token}", "hx-request": "true"}
        news = await person.client.get(path, params={"after": first}, headers=headers)
        assert "Yes, ten." in news.text
        assert "Is it in stock?" not in news.text
        older = await person.client.get(path, params={"before": ""}, headers=headers)
        assert older.status_code == 200
    for person, path in ((desk.buyer, "/chats"), (desk.clerk, desk.console)):
        headers = {"authorization": f"Bearer {person.token}", "hx-request": "true"}
        rows = await person.client.get(path, headers=headers)
        assert "Yes, ten." in rows.text
        assert "<html" not in rows.text


async def test_both_sides_hear_at_once(desk: Desk, talk: str, app: Any) -> None:
    tokens = [f"Bearer {person.token}" for person in (desk.buyer, desk.clerk)]
    async with (
        opened(app, authorization=tokens[0]) as buyer,
        opened(app, authorization=tokens[1]) as clerk,
        opened(app, authorization=f"Bearer {desk.stranger.token}") as stranger,
    ):
        await ask(desk, talk)
        for socket in (buyer, clerk):
            heard = await socket.hear()
            assert (heard["type"], heard["by"], heard["conversation"]) == ("message", "buyer", talk)
        await desk.buyer.post(f"/api/v1/conversations/{talk}/read", {})
        await answer(desk, talk)
        assert (await buyer.hear())["by"] == "shop"
        assert stranger.from_server.empty()


async def test_a_socket_is_for_people_on_our_own_pages(desk: Desk, app: Any) -> None:
    async with opened(app) as visitor:
        assert visitor.closed == 1008
    token = f"Bearer {desk.buyer.token}"
    async with opened(app, authorization=token, host="m.test", origin="https://evil.test") as bad:
        assert bad.closed == 1008
    async with opened(app, authorization=token, host="m.test", origin="https://m.test") as good:
        assert good.closed is None


def first_goods(town: Town) -> Goods:
    return next(it for it in town.goods if it.shop_id == town.shops[0])
