"""Forged requests, headers and rate limits, over ASGI and against PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import httpx
import pytest
import pytest_asyncio
from litestar import Response, get, post

from jishi import db, web
from jishi.access import ACCESS
from jishi.modules.accounts.routes import routes as accounts_routes
from jishi.modules.notices.routes import routes as notices_routes
from jishi.settings import Settings
from jishi.web import headers, limits
from jishi.web.auth import PUBLIC, SIGNED_IN
from jishi.web.limits import Limit, Limited, SessionPace
from jishi.web.static_files import routes as static_routes
from tests.support.forms import a_phone, sign_up, submit, token_of
from tests.support.part import browser, part

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
GOOD = "four plain words"


@post("/test/echo", include_in_schema=False)
async def post_echo(request: web.AnyRequest) -> Response[str]:
    form = await request.form()
    return Response(str(form.get("text", "")), status_code=200)


@post("/test/callback", include_in_schema=False, csrf=False)
async def post_callback() -> Response[str]:
    return Response("taken", status_code=200)


@post("/api/v1/test/write", include_in_schema=False)
async def post_write() -> Response[str]:
    return Response("written", status_code=200)


@get("/test/accident", include_in_schema=False)
async def get_accident() -> None:
    raise RuntimeError("broken on purpose")


ROUTES = [
    *static_routes,
    *accounts_routes,
    *notices_routes,
    post_echo,
    post_callback,
    post_write,
    get_accident,
]


@pytest.fixture(autouse=True, scope="module")
def rules() -> Any:
    more = {
        "POST /test/echo": PUBLIC,
        "POST /test/callback": PUBLIC,
        "POST /api/v1/test/write": SIGNED_IN,
        "GET /test/accident": PUBLIC,
    }
    ACCESS.update(more)
    yield
    for key in more:
        del ACCESS[key]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def app(market_settings: Settings, database_dsn: str) -> AsyncIterator[object]:
    async with part(ROUTES, replace(market_settings, limit_factor=0), database_dsn) as made:
        yield made


@pytest_asyncio.fixture(loop_scope="session")
async def narrow(
    market_settings: Settings, database_dsn: str, pool: db.Pool
) -> AsyncIterator[httpx.AsyncClient]:
    """A visitor of a market that counts."""
    await pool.execute("DELETE FROM rate_bucket")
    async with (
        part(ROUTES, replace(market_settings, limit_factor=1), database_dsn) as made,
        browser(made) as client,
    ):
        yield client


# ---- forged requests


async def test_a_form_without_a_token_is_refused(client: httpx.AsyncClient) -> None:
    await token_of(client)
    for fields in ({}, {"_csrf": ""}, {"_csrf": "x" * 24}, {"_csrf": "é"}):
        answer = await client.post("/test/echo", data={"text": "hi", **fields})
        assert answer.status_code == 403
    assert (await client.post("/test/echo")).status_code == 403


async def test_a_visitor_without_a_cookie_is_refused_whatever_the_token(
    client: httpx.AsyncClient,
) -> None:
    token = await token_of(client)
    client.cookies.clear()
    assert (await client.post("/test/echo", data={"_csrf": token})).status_code == 403
    assert (await client.post("/test/echo", data={"_csrf": ""})).status_code == 403


async def test_the_token_goes_in_the_form_a_multipart_or_the_header(
    client: httpx.AsyncClient,
) -> None:
    token = await token_of(client)
    plain = await client.post("/test/echo", data={"text": "hi", "_csrf": token})
    parts = await client.post("/test/echo", data={"text": "hi", "_csrf": token}, files={"f": b"x"})
    header = await client.post("/test/echo", data={"text": "hi"}, headers={"x-csrf-token": token})
    assert [it.text for it in (plain, parts, header)] == ["hi"] * 3


async def test_a_session_has_a_token_of_its_own(client: httpx.AsyncClient, app: object) -> None:
    before = await token_of(client)
    await sign_up(client, a_phone())
    assert (await client.post("/test/echo", data={"_csrf": before})).status_code == 403
    mine = await token_of(client, "/me")
    assert (await client.post("/test/echo", data={"_csrf": mine})).status_code == 200
    async with browser(app) as other:
        await sign_up(other, a_phone())
        assert (await other.post("/test/echo", data={"_csrf": mine})).status_code == 403


async def test_api_calls_need_it_with_a_cookie_and_not_with_a_bearer_token(
    client: httpx.AsyncClient, app: object
) -> None:
    phone = a_phone()
    await sign_up(client, phone)
    assert (await client.post("/api/v1/test/write", json={})).status_code == 403
    token = await token_of(client, "/me")
    assert (
        await client.post("/api/v1/test/write", json={}, headers={"x-csrf-token": token})
    ).status_code == 200
    async with browser(app) as program:
        opened = await program.post("/api/v1/session", json={"login": phone, "password": GOOD})
        bearer = {"authorization": f"Bearer {opened.json()['token']}"}
        assert (
            await program.post("/api/v1/test/write", json={}, headers=bearer)
        ).status_code == 200
        bearer = {"authorization": "Bearer " + "0" * 45}
        assert (
            await program.post("/api/v1/test/write", json={}, headers=bearer)
        ).status_code == 401


async def test_a_bearer_token_that_is_none_does_not_excuse_a_form(
    client: httpx.AsyncClient,
) -> None:
    await sign_up(client, a_phone())
    answer = await client.post("/test/echo", headers={"authorization": "Bearer " + "0" * 45})
    assert answer.status_code == 403


async def test_a_signed_callback_is_exempt(client: httpx.AsyncClient) -> None:
    assert (await client.post("/test/callback", json={})).text == "taken"


async def test_signing_in_cannot_be_forged(client: httpx.AsyncClient) -> None:
    phone = a_phone()
    await sign_up(client, phone)
    client.cookies.clear()
    answer = await client.post("/sign-in", data={"login": phone, "password": GOOD})
    assert answer.status_code == 403
    assert "jishi_session" not in answer.headers.get("set-cookie", "")


async def test_files_shared_by_caches_set_no_cookie(client: httpx.AsyncClient) -> None:
    for path in ("/static/base.css", "/api/v1/me"):
        assert "set-cookie" not in (await client.get(path)).headers
    assert "jishi_visitor" in (await client.get("/sign-in")).headers["set-cookie"]
    assert "set-cookie" not in (await client.get("/sign-in")).headers


# ---- headers


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/sign-in", 200),
        ("/me", 303),
        ("/nothing/here", 404),
        ("/api/v1/me", 401),
        ("/test/accident", 500),
    ],
)
async def test_every_answer_carries_the_headers(
    client: httpx.AsyncClient, path: str, status: int
) -> None:
    answer = await client.get(path)
    assert answer.status_code == status
    policy = answer.headers["content-security-policy"]
    assert "script-src 'self';" in policy
    assert "frame-ancestors 'none'" in policy
    assert "form-action 'self' http://127.0.0.1:8010" in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "referrer-policy" in answer.headers
    assert "permissions-policy" in answer.headers
    assert "strict-transport-security" not in answer.headers


async def test_over_https_cookies_are_secure_and_it_stays_https(
    market_settings: Settings, database_dsn: str
) -> None:
    secure = replace(market_settings, public_url="https://market.test", limit_factor=0)
    async with (
        part(ROUTES, secure, database_dsn) as app,
        browser(app, base_url="https://market.test") as client,
    ):
        page = await client.get("/sign-in")
        assert page.headers["strict-transport-security"].startswith("max-age=")
        assert "; Secure" in page.headers["set-cookie"]
        answer = await sign_up(client, a_phone())
        assert "secure" in answer.headers["set-cookie"].lower()


def test_the_policy_names_the_payment_page_of_the_settings() -> None:
    assert "form-action 'self' https://pay.test:9" in headers.policy("https://pay.test:9/pay?x=1")


async def test_our_pages_run_no_script_inline(client: httpx.AsyncClient) -> None:
    await sign_up(client, a_phone())
    for path in ("/me", "/me/security", "/me/profile", "/messages", "/dev/inbox"):
        text = (await client.get(path)).text
        assert "<script>" not in text
        assert " onclick=" not in text
        assert "javascript:" not in text


# ---- rate limits


async def test_guessing_passwords_is_slowed_down(narrow: httpx.AsyncClient) -> None:
    phone = a_phone()
    tries = [
        await submit(narrow, "/sign-in", login=phone, password=f"guess {n}") for n in range(11)
    ]
    assert [it.status_code for it in tries] == [401] * 10 + [429]
    assert 1 <= int(tries[-1].headers["retry-after"]) <= 90
    assert "秒" in tries[-1].text
    other = await submit(narrow, "/sign-in", login=a_phone(), password="guess")
    assert other.status_code == 401


async def test_a_program_is_told_when_to_try_again(narrow: httpx.AsyncClient) -> None:
    body = {"login": a_phone(), "password": "guess"}
    answers = [await narrow.post("/api/v1/session", json=body) for _ in range(11)]
    assert answers[-1].status_code == 429
    assert answers[-1].headers["retry-after"] == str(answers[-1].json()["facts"]["retry_seconds"])


async def test_codes_are_sent_once_a_minute(narrow: httpx.AsyncClient) -> None:
    phone = a_phone()
    sent = [await submit(narrow, "/sign-in/code", login=phone) for _ in range(2)]
    assert [it.status_code for it in sent] == [200, 429]
    assert 50 <= int(sent[1].headers["retry-after"]) <= 60


async def test_a_session_that_writes_too_fast_is_slowed_down(narrow: httpx.AsyncClient) -> None:
    phone = a_phone()
    await sign_up(narrow, phone)
    narrow.cookies.clear()
    opened = await narrow.post("/api/v1/session", json={"login": phone, "password": GOOD})
    bearer = {"authorization": f"Bearer {opened.json()['token']}"}
    statuses = [
        (await narrow.post("/api/v1/test/write", headers=bearer)).status_code for _ in range(400)
    ]
    assert set(statuses) == {200, 429}
    assert statuses.index(429) >= 100


async def test_the_table_answers_as_the_rule(pool: db.Pool) -> None:
    limit, dice = Limit("test.rule", 3, timedelta(seconds=30)), Random(7)
    gap, slack = limit.gap(1), limit.slack(1)
    expected: dict[str, datetime | None] = {}
    now = NOW
    for _ in range(200):
        now += timedelta(seconds=dice.randrange(0, 9))
        whom = dice.choice("abc")
        free = limits.next_free(expected.get(whom), gap, slack, now=now)
        if free is not None:
            await limits.take(pool, [(limit, whom)], now=now)
            expected[whom] = free
        else:
            with pytest.raises(Limited) as told:
                await limits.take(pool, [(limit, whom)], now=now)
            wait = timedelta(seconds=told.value.facts["retry_seconds"])
            assert limits.next_free(expected[whom], gap, slack, now=now + wait) is not None


async def test_a_race_takes_exactly_what_is_in_the_bucket(pool: db.Pool) -> None:
    limit = Limit("test.race", 5, timedelta(hours=1))

    async def one() -> bool:
        try:
            await limits.take(pool, [(limit, "ann"), (limit, "bo")], now=NOW)
        except Limited:
            return False
        return True

    assert sum(await asyncio.gather(*[one() for _ in range(24)])) == 5


async def test_a_wider_factor_gives_more_and_zero_gives_all(pool: db.Pool) -> None:
    limit = Limit("test.factor", 1, timedelta(hours=1))
    for _ in range(3):
        await limits.take(pool, [(limit, "wide")], now=NOW, factor=3)
    with pytest.raises(Limited):
        await limits.take(pool, [(limit, "wide")], now=NOW, factor=3)
    for _ in range(9):
        await limits.take(pool, [(limit, "off")], now=NOW, factor=0)


async def test_full_buckets_are_forgotten(tx: db.Tx, pool: db.Pool) -> None:
    await limits.take(
        pool, [(Limit("test.old", 1, timedelta(hours=1)), "x")], now=NOW - timedelta(days=9)
    )
    assert await limits.forget_old(tx, now=NOW - timedelta(days=5)) >= 1


def test_the_pace_of_one_session_does_not_slow_another() -> None:
    pace = SessionPace(per_second=1, burst=3, sessions_max=10)
    for _ in range(3):
        pace.take("ann")
    with pytest.raises(Limited):
        pace.take("ann")
    pace.take("bo")
    for n in range(100):
        pace.take(n)


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("'; DROP TABLE", "unknown"),
        ("", "unknown"),
    ],
)
def test_addresses_are_counted_by_network(address: str, counted: str) -> None:
    assert limits.network_of(address) == counted
