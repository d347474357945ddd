"""The cache of identities: quick when it knows, right when something changed."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from jishi import db
from jishi.kit.ids import AccountId, IdMaker
from jishi.modules import accounts
from jishi.modules.accounts.types import IDLE, LIFE
from jishi.reads.identity import Identities

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
_phone = iter(range(13_600_000_000, 13_600_999_999))


def asking(token: str, *, bearer: bool = False) -> Any:
    pair = (
        (b"authorization", f"Bearer {token}".encode())
        if bearer
        else (b"cookie", f"lang=en; jishi_session={token}; x=y".encode())
    )
    return SimpleNamespace(scope={"headers": [(b"host", b"x"), pair]})


async def a_session(pool: db.Pool, ids: IdMaker, *, now: datetime = NOW) -> tuple[AccountId, str]:
    async with db.transaction(pool) as tx:
        account_id = await accounts.open_account(
            tx, ids, name="Lin", logins=[str(next(_phone))], now=now
        )
        return account_id, await accounts.open_session(tx, ids, account_id, now=now)


async def test_a_session_signs_in_by_cookie_and_by_bearer_token(
    pool: db.Pool, ids: IdMaker
) -> None:
    account_id, token = await a_session(pool, ids)
    identities = Identities(pool, clock=lambda: NOW)
    by_cookie = await identities.identify(asking(token))
    by_token = await identities.identify(asking(token, bearer=True))
    assert by_cookie is not None
    assert by_token is not None
    assert (by_cookie.account_id, by_cookie.by_token, by_token.by_token) == (
        account_id,
        False,
        True,
    )
    assert await identities.identify(SimpleNamespace(scope={"headers": []})) is None
    assert await identities.identify(asking("x" * 45)) is None
    assert await identities.identify(asking(token[:-1])) is None


async def test_what_is_known_costs_no_query_and_few_microseconds(
    pool: db.Pool, ids: IdMaker
) -> None:
    _, token = await a_session(pool, ids)
    identities = Identities(pool, ttl_seconds=60, clock=lambda: NOW)
    connection = asking(token)
    assert await identities.identify(connection)
    identities._pool = None  # type: ignore[assignment]
    started = time.perf_counter()
    for _ in range(2_000):
        assert await identities.identify(connection)
    assert (time.perf_counter() - started) / 2_000 < 0.001  # it takes some 3 µs; a query takes more


async def test_many_at_once_load_it_once(pool: db.Pool, ids: IdMaker) -> None:
    _, token = await a_session(pool, ids)
    identities = Identities(pool, clock=lambda: NOW)
    found = await asyncio.gather(*[identities.identify(asking(token)) for _ in range(50)])
    assert len({id(it) for it in found}) == 1


async def test_an_ended_session_is_forgotten_by_every_process(
    pool: db.Pool, ids: IdMaker, database_dsn: str
) -> None:
    account_id, token = await a_session(pool, ids)
    others = [Identities(pool, ttl_seconds=60, clock=lambda: NOW) for _ in range(2)]
    following = [asyncio.create_task(it.follow(database_dsn)) for it in others]
    await asyncio.sleep(0.3)
    assert all([await it.identify(asking(token)) for it in others])
    async with db.transaction(pool) as tx:
        await accounts.end_all_sessions(tx, account_id, now=NOW)
    for _ in range(100):
        if not any([await it.identify(asking(token)) for it in others]):
            break
        await asyncio.sleep(0.02)
    assert [await it.identify(asking(token)) for it in others] == [None, None]
    for task in following:
        task.cancel()
    await asyncio.gather(*following, return_exceptions=True)


async def test_a_broken_listening_connection_is_made_again(
    pool: db.Pool, ids: IdMaker, database_dsn: str
) -> None:
    account_id, token = await a_session(pool, ids)
    identities = Identities(pool, ttl_seconds=60, clock=lambda: NOW)
    following = asyncio.create_task(identities.follow(database_dsn))
    await asyncio.sleep(0.3)
    await pool.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE application_name = 'jishi identities' AND datname = current_database()"
    )
    await asyncio.sleep(1.6)
    assert await identities.identify(asking(token))
    async with db.transaction(pool) as tx:
        await accounts.grant_role(tx, account_id, "operator", now=NOW)
    found = None
    for _ in range(100):
        found = await identities.identify(asking(token))
        if found and found.is_operator:
            break
        await asyncio.sleep(0.02)
    assert found
    assert found.is_operator
    following.cancel()
    await asyncio.gather(following, return_exceptions=True)


async def test_a_load_that_raced_with_a_change_is_not_kept(pool: db.Pool, ids: IdMaker) -> None:
    account_id, token = await a_session(pool, ids)
    identities = Identities(pool, ttl_seconds=60, clock=lambda: NOW)
    loading = asyncio.create_task(identities.identify(asking(token)))
    for _ in range(3):  # it waits for the database now
        await asyncio.sleep(0)
    identities.drop(account_id)
    assert await loading
    assert not identities._held


async def test_without_a_notification_a_change_shows_after_the_ttl(
    pool: db.Pool, ids: IdMaker
) -> None:
    account_id, token = await a_session(pool, ids)
    identities = Identities(pool, ttl_seconds=0.05, clock=lambda: NOW)
    assert await identities.identify(asking(token))
    async with db.transaction(pool) as tx:
        await accounts.end_all_sessions(tx, account_id, now=NOW)
    await asyncio.sleep(0.06)
    assert await identities.identify(asking(token)) is None


async def test_use_is_noted_every_five_minutes_and_keeps_a_session_alive(
    pool: db.Pool, ids: IdMaker
) -> None:
    account_id, token = await a_session(pool, ids)

    async def seen_at(now: datetime) -> bool:
        return await Identities(pool, clock=lambda: now).identify(asking(token)) is not None

    async def used_at() -> datetime:
        return await pool.fetchval("SELECT used_at FROM session WHERE account_id = $1", account_id)

    assert await seen_at(NOW + timedelta(minutes=4))
    assert await used_at() == NOW
    later = NOW + IDLE - timedelta(hours=1)
    assert await seen_at(later)
    assert await used_at() == later
    assert await seen_at(NOW + IDLE)
    assert not await seen_at(NOW + 2 * IDLE)
    assert not await seen_at(NOW + LIFE)


async def test_the_cache_is_bounded(pool: db.Pool) -> None:
    identities = Identities(pool, held_max=10)
    for n in range(40):
        assert await identities.identify(asking(f"{n:045d}")) is None
    assert len(identities._held) <= 10
