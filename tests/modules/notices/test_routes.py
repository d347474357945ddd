"""The inbox over HTTP, and what development shows."""

from dataclasses import replace
from datetime import UTC, datetime

import httpx

from jishi import db
from jishi.kit.ids import AccountId, IdMaker, ShopId
from jishi.modules.notices import Told, tell
from jishi.modules.notices.routes import routes
from jishi.settings import Env, Settings
from tests.support.forms import a_phone, sign_up, submit
from tests.support.part import browser, part


async def whoami(client: httpx.AsyncClient) -> AccountId:
    return AccountId(int((await client.get("/api/v1/me")).json()["account_id"]))


async def told(pool: db.Pool, **whom: AccountId | ShopId) -> None:
    facts = {"order_id": "77", "amount_minor": 11_200, "shop_id": "9", "count": 1}
    async with db.transaction(pool) as tx:
        await tell(
            tx, [Told(kind="order.paid", subject_id=77, facts=facts, at=datetime.now(UTC), **whom)]
        )  # type: ignore[arg-type]


async def test_an_empty_inbox_says_so(client: httpx.AsyncClient) -> None:
    await sign_up(client, a_phone())
    page = await client.get("/messages")
    assert page.status_code == 200
    assert "还没有消息" in page.text


async def test_opening_a_message_reads_it_and_leads_to_its_order(
    client: httpx.AsyncClient, pool: db.Pool
) -> None:
    await sign_up(client, a_phone())
    await told(pool, account_id=await whoami(client))
    assert "1 条未读" in (await client.get("/me")).text
    listed = (await client.get("/api/v1/messages")).json()["items"]
    assert (listed[0]["is_read"], listed[0]["href"]) == (False, "/orders/77")
    assert "¥112.00" in listed[0]["text"]
    opened = await submit(client, f"/messages/{listed[0]['position']}/open", page="/messages")
    assert opened.headers["location"] == "/orders/77"
    assert (await client.get("/api/v1/messages")).json()["items"][0]["is_read"]
    assert "未读" not in (await client.get("/me")).text


async def test_another_persons_message_is_not_there(
    client: httpx.AsyncClient, pool: db.Pool, app: object
) -> None:
    await sign_up(client, a_phone())
    await told(pool, account_id=await whoami(client))
    position = (await client.get("/api/v1/messages")).json()["items"][0]["position"]
    async with browser(app) as other:
        await sign_up(other, a_phone())
        assert (await other.get("/api/v1/messages")).json()["items"] == []
        refused = await submit(other, f"/messages/{position}/open", page="/messages")
        assert refused.status_code == 404
    assert not (await client.get("/api/v1/messages")).json()["items"][0]["is_read"]


async def test_a_shops_messages_are_for_those_who_work_there(
    client: httpx.AsyncClient, pool: db.Pool, ids: IdMaker, app: object
) -> None:
    await sign_up(client, a_phone())
    me, shop = await whoami(client), ShopId(ids.make(4))
    await told(pool, shop_id=shop)
    assert (await client.get(f"/messages?shop={shop}")).status_code == 404
    async with db.transaction(pool) as tx:
        await tx.execute(
            "INSERT INTO shop (cell, id, owner_id, name, state, opened_at) VALUES (4, $1, $2, 'Hill', 'open', now())",
            shop,
            me,
        )
        await tx.execute("INSERT INTO shop_staff VALUES (4, $1, $2, 'clerk', now(), $2)", shop, me)
    app.state.identities.drop(me)  # type: ignore[attr-defined]
    assert "Hill" in (await client.get(f"/messages?shop={shop}")).text
    assert "1 条未读" in (await client.get("/me")).text
    assert (
        await submit(client, f"/messages/read?shop={shop}", page="/messages")
    ).status_code == 303
    assert "未读" not in (await client.get("/me")).text
    for wrong in ("x", "1", str(2**70)):
        assert (await client.get("/messages", params={"shop": wrong})).status_code == 404


async def test_all_are_marked_as_read_at_once(client: httpx.AsyncClient, pool: db.Pool) -> None:
    await sign_up(client, a_phone())
    for _ in range(3):
        await told(pool, account_id=await whoami(client))
    await submit(client, "/messages/read", page="/messages")
    assert all(it["is_read"] for it in (await client.get("/api/v1/messages")).json()["items"])


async def test_a_bad_cursor_is_refused(client: httpx.AsyncClient) -> None:
    await sign_up(client, a_phone())
    assert (await client.get("/api/v1/messages?cursor=zzz")).status_code == 422


async def test_programs_without_a_token_are_refused(client: httpx.AsyncClient) -> None:
    assert (await client.get("/api/v1/messages")).status_code == 401


async def test_outgoing_messages_are_shown_in_development_only(
    client: httpx.AsyncClient, market_settings: Settings, database_dsn: str
) -> None:
    phone = a_phone()
    await submit(client, "/sign-in/code", page="/sign-in/code", login=phone)
    assert "+86" + phone in (await client.get("/dev/inbox")).text
    async with (
        part(routes, replace(market_settings, env=Env.PRODUCTION), database_dsn) as app,
        browser(app) as there,
    ):
        assert (await there.get("/dev/inbox")).status_code == 404
