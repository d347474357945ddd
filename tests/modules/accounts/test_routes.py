"""Sign-up, sign-in, sessions and security over HTTP: each way in and each refusal."""

import asyncio

import httpx
import pytest

from jishi import db
from jishi.kit.ids import AccountId, IdMaker
from jishi.modules import accounts
from tests.support.forms import a_phone, code_for, sign_up, submit, token_of
from tests.support.part import browser

GOOD = "four plain words"


async def test_signing_up_signs_in_and_leads_on(client: httpx.AsyncClient) -> None:
    answer = await sign_up(client, a_phone(), next="/orders?state=unpaid")
    assert (answer.status_code, answer.headers["location"]) == (303, "/orders?state=unpaid")
    cookie = answer.headers["set-cookie"]
    assert "jishi_session=" in cookie
    assert "HttpOnly" in cookie
    assert "samesite=lax" in cookie.lower()
    page = await client.get("/me", headers={"accept-language": "en"})
    assert page.status_code == 200
    assert "Lin" in page.text


@pytest.mark.parametrize(
    "away",
    ["//evil.test", "https://evil.test", "/\\evil.test", "javascript:alert(1)", "\t//evil.test"],
)
async def test_next_never_leads_away(client: httpx.AsyncClient, away: str) -> None:
    answer = await sign_up(client, a_phone(), next=away)
    assert answer.headers["location"] == "/"


async def test_a_form_comes_back_with_every_wrong_field(client: httpx.AsyncClient) -> None:
    answer = await submit(client, "/sign-up", name="", login="1380013", password="short")
    assert answer.status_code == 422
    assert answer.text.count('aria-invalid="true"') == 3
    assert 'value="1380013"' in answer.text
    assert "short" not in answer.text.replace("shortcut", "")


async def test_a_taken_name_is_refused(client: httpx.AsyncClient) -> None:
    phone = a_phone()
    await sign_up(client, phone)
    client.cookies.clear()
    assert (await sign_up(client, "+86 " + phone)).status_code == 409


async def test_signing_in_with_the_password(client: httpx.AsyncClient) -> None:
    phone = a_phone()
    await sign_up(client, phone)
    client.cookies.clear()
    wrong = await submit(client, "/sign-in", login=phone, password="not this one")
    unknown = await submit(client, "/sign-in", login=a_phone(), password="not this one")
    assert wrong.status_code == unknown.status_code == 401
    assert "jishi_session" not in wrong.headers.get("set-cookie", "")
    right = await submit(client, "/sign-in", login=phone, password=GOOD)
    assert right.status_code == 303
    assert (await client.get("/sign-in?next=/orders")).headers["location"] == "/orders"


async def test_signing_in_again_rotates_the_session(client: httpx.AsyncClient, app: object) -> None:
    phone = a_phone()
    await sign_up(client, phone)
    before = client.cookies["jishi_session"]
    await submit(client, "/sign-in", page="/me", login=phone, password=GOOD)
    assert client.cookies["jishi_session"] != before
    async with browser(app) as thief:
        thief.cookies.set("jishi_session", before)
        assert (await thief.get("/me")).headers["location"].startswith("/sign-in")


async def test_signing_out_ends_the_session_itself(client: httpx.AsyncClient, app: object) -> None:
    await sign_up(client, a_phone())
    kept = client.cookies["jishi_session"]
    assert (await submit(client, "/sign-out", page="/me")).status_code == 303
    assert "jishi_session" not in client.cookies
    async with browser(app) as later:
        later.cookies.set("jishi_session", kept)
        assert (await later.get("/api/v1/me")).status_code == 401


async def test_a_code_signs_a_new_person_in_once(client: httpx.AsyncClient) -> None:
    phone = a_phone()
    sent = await submit(client, "/sign-in/code", page="/sign-in/code", login=phone, next="/me")
    assert sent.status_code == 200
    assert phone[-4:] in sent.text
    code = await code_for(client, "+86" + phone)
    entered = await submit(client, "/sign-in/code/entry", login=phone, code=code, next="/me")
    assert (entered.status_code, entered.headers["location"]) == (303, "/me")
    client.cookies.clear()
    again = await submit(client, "/sign-in/code/entry", login=phone, code=code)
    assert again.status_code == 422


async def test_a_wrong_code_is_counted_although_it_is_refused(client: httpx.AsyncClient) -> None:
    phone = a_phone()
    await submit(client, "/sign-in/code", page="/sign-in/code", login=phone)
    code = await code_for(client, "+86" + phone)
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    for _ in range(5):
        assert (
            await submit(client, "/sign-in/code/entry", login=phone, code=wrong)
        ).status_code == 422
    refused = await submit(client, "/sign-in/code/entry", login=phone, code=code)
    assert refused.status_code == 422


async def test_a_forgotten_password_is_set_anew_after_a_code(client: httpx.AsyncClient) -> None:
    mail = f"forgot{a_phone()}@example.com"
    await sign_up(client, mail)
    client.cookies.clear()
    await submit(client, "/sign-in/code", page="/sign-in/code", login=mail)
    entered = await submit(
        client, "/sign-in/code/entry", login=mail, code=await code_for(client, mail)
    )
    assert entered.headers["location"] == "/me/security?set=password"
    done = await submit(client, "/me/password", password="another plain word")
    assert done.status_code == 303
    client.cookies.clear()
    assert (await submit(client, "/sign-in", login=mail, password=GOOD)).status_code == 401
    assert (
        await submit(client, "/sign-in", login=mail, password="another plain word")
    ).status_code == 303


async def test_changing_the_password_takes_the_present_one_and_ends_other_devices(
    client: httpx.AsyncClient, app: object
) -> None:
    phone = a_phone()
    await sign_up(client, phone)
    async with browser(app) as other:
        assert (await submit(other, "/sign-in", login=phone, password=GOOD)).status_code == 303
        wrong = await submit(
            client, "/me/password", present="not it at all", password="another plain word"
        )
        assert wrong.status_code == 422
        weak = await submit(client, "/me/password", present=GOOD, password=phone)
        assert weak.status_code == 422
        done = await submit(client, "/me/password", present=GOOD, password="another plain word")
        assert done.status_code == 303
        assert (await other.get("/api/v1/me")).status_code == 401
    assert (await client.get("/api/v1/me")).status_code == 200


async def test_signing_out_everywhere(client: httpx.AsyncClient, app: object) -> None:
    phone = a_phone()
    await sign_up(client, phone)
    async with browser(app) as other:
        await submit(other, "/sign-in", login=phone, password=GOOD)
        assert (await other.get("/api/v1/me")).status_code == 200
        assert (await submit(client, "/me/sessions/end-all")).headers["location"] == "/sign-in"
        assert (await other.get("/api/v1/me")).status_code == 401
        assert (await client.get("/api/v1/me")).status_code == 401


async def test_another_persons_session_is_not_there(client: httpx.AsyncClient, app: object) -> None:
    await sign_up(client, a_phone())
    async with browser(app) as other:
        await sign_up(other, a_phone())
        page = (await other.get("/me/security")).text
        assert "Sign out everywhere" in page or "退出" in page
    for unknown in ("1", "0", "x", str(2**70)):
        answer = await submit(client, f"/me/sessions/{unknown}/end")
        assert answer.status_code == 404, unknown


async def test_a_second_name_is_proved_and_removed(client: httpx.AsyncClient) -> None:
    await sign_up(client, a_phone())
    mail = f"second{a_phone()}@example.com"
    asked = await submit(client, "/me/logins", login=mail)
    assert asked.status_code == 200
    code = await code_for(client, mail)
    wrong = await submit(client, "/me/logins/confirm", login=mail, code="1")
    assert wrong.status_code == 422
    done = await submit(client, "/me/logins/confirm", login=mail, code=code)
    assert done.status_code == 303
    removed = await submit(client, "/me/logins/remove", login=mail)
    assert removed.headers["location"] == "/me/security?done=login_removed"
    assert (await submit(client, "/me/logins/remove", login=mail)).status_code == 409


async def test_profile_changes_show_at_once(client: httpx.AsyncClient) -> None:
    await sign_up(client, a_phone())
    await client.get("/me")
    answer = await submit(client, "/me/profile", page="/me/profile", name="  林知夏 ", locale="en")
    assert answer.status_code == 303
    assert (await client.get("/api/v1/me")).json()["name"] == "林知夏"
    assert "My orders" in (await client.get("/me")).text
    assert (await submit(client, "/me/profile", page="/me/profile", name=" ")).status_code == 422


async def test_closing_asks_for_the_password_and_frees_the_name(client: httpx.AsyncClient) -> None:
    phone = a_phone()
    await sign_up(client, phone)
    assert (await submit(client, "/me/close", present_close="not it at all")).status_code == 422
    assert (await submit(client, "/me/close", present_close=GOOD)).status_code == 303
    assert (await client.get("/api/v1/me")).status_code == 401
    assert (await sign_up(client, phone)).status_code == 303


async def test_an_owner_of_a_shop_cannot_close_and_sees_the_shop(
    client: httpx.AsyncClient, pool: db.Pool, ids: IdMaker, app: object
) -> None:
    await sign_up(client, a_phone())
    me = AccountId(int((await client.get("/api/v1/me")).json()["account_id"]))
    shop = ids.make(3)
    async with db.transaction(pool) as tx:
        await tx.execute(
            "INSERT INTO shop (cell, id, owner_id, name, state, opened_at) VALUES (3, $1, $2, 'Hill', 'open', now())",
            shop,
            me,
        )
        await tx.execute(
            "INSERT INTO shop_staff (cell, shop_id, account_id, role, added_at, added_by)"
            " VALUES (3, $1, $2, 'owner', now(), $2)",
            shop,
            me,
        )
    app.state.identities.drop(me)  # type: ignore[attr-defined]
    assert (await client.get("/api/v1/me")).json()["shops"] == [
        {"shop_id": str(shop), "name": "Hill", "role": "owner"}
    ]
    assert f"/merchant/{shop}" in (await client.get("/me")).text
    assert (await submit(client, "/me/close", present_close=GOOD)).status_code == 409


async def test_an_operator_sees_the_console(client: httpx.AsyncClient, pool: db.Pool) -> None:
    phone = a_phone()
    await sign_up(client, phone)
    assert "/operator/shops" not in (await client.get("/me")).text
    async with db.transaction(pool) as tx:
        account_id = await accounts.find_by_login(tx, phone)
        assert account_id
        await accounts.grant_role(tx, account_id, "operator", now=await tx.fetchval("SELECT now()"))
    for _ in range(50):  # the notification is on its way
        text = (await client.get("/me")).text
        if "/operator/shops" in text:
            break
        await asyncio.sleep(0.02)
    assert "/operator/shops" in text


async def test_programs_use_bearer_tokens(client: httpx.AsyncClient) -> None:
    phone = a_phone()
    made = await client.post(
        "/api/v1/accounts", json={"name": "Bot", "login": phone, "password": GOOD}
    )
    assert made.status_code == 201
    opened = await client.post(
        "/api/v1/session", json={"login": phone, "password": GOOD, "device": "till 3"}
    )
    assert opened.status_code == 201
    bearer = {"authorization": f"Bearer {opened.json()['token']}"}
    me = await client.get("/api/v1/me", headers=bearer)
    assert me.json()["account_id"] == made.json()["account_id"]
    assert "till 3" in (await client.get("/me/security", headers=bearer)).text
    assert (await client.delete("/api/v1/session", headers=bearer)).status_code == 204
    gone = await client.get("/api/v1/me", headers=bearer)
    assert gone.status_code == 401
    assert gone.headers["content-type"].startswith("application/problem+json")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"login": "13800138000", "password": "nobody has this"}, 401),
        ({"login": "13800138000"}, 422),
        ({"login": "13800138000", "password": 7, "more": 1}, 422),
        ({"login": "nobody", "password": "x"}, 422),
        ([], 422),
    ],
)
async def test_a_bad_sign_in_of_a_program_is_a_problem(
    client: httpx.AsyncClient, body: object, status: int
) -> None:
    answer = await client.post("/api/v1/session", json=body)
    assert answer.status_code == status
    assert answer.json()["status"] == status


@pytest.mark.parametrize("path", ["/me", "/me/security", "/me/profile", "/messages"])
async def test_a_visitor_is_led_to_the_door(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path)
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/sign-in?next={path}"


async def test_pages_speak_both_languages(client: httpx.AsyncClient) -> None:
    for path in ("/sign-in", "/sign-up", "/sign-in/code"):
        english = await client.get(path, headers={"accept-language": "en"})
        chinese = await client.get(path, headers={"accept-language": "zh-CN"})
        assert 'lang="en"' in english.text
        assert 'lang="zh-CN"' in chinese.text
        assert "Password" not in chinese.text


async def test_the_token_of_one_visitor_is_not_that_of_another(
    client: httpx.AsyncClient, app: object
) -> None:
    async with browser(app) as other:
        assert await token_of(client) != await token_of(other)
