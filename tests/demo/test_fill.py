"""An empty market filled through the real functions: whole, sound, once."""

import asyncio
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import pytest
import pytest_asyncio

from jishi import db
from jishi.demo.accounts import BUYERS, POSTS, SHOPS, SIGN_INS
from jishi.demo.fill import Filled, fill, fill_if_empty
from jishi.modules.accounts.passwords import fits
from jishi.modules.accounts.rules import parse_login
from jishi.modules.accounts.service import find_credentials
from jishi.settings import Env, Settings
from tests.support.database import TestServer
from tests.support.invariants import breaches


@dataclass(frozen=True, slots=True)
class Market:
    dsn: str
    settings: Settings
    filled: Filled


@pytest.fixture(scope="module")
def empty(server: TestServer) -> Iterator[str]:
    with server.copy("demo") as dsn:
        yield dsn


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def market(empty: str, tmp_path_factory: pytest.TempPathFactory) -> Market:
    settings = Settings(home=tmp_path_factory.mktemp("demo"), database_url=empty)
    filled = await fill(empty, settings, now=datetime.now(UTC))
    assert filled
    return Market(empty, settings, filled)


@pytest_asyncio.fixture(loop_scope="session")
async def pool(market: Market) -> db.Pool:
    made = await db.open_pool(market.dsn, size=2)
    yield made
    await made.close()


async def test_every_invariant_holds(market: Market, pool: db.Pool) -> None:
    async with pool.acquire() as link:
        assert not {name: rows for name, rows in (await breaches(link)).items() if rows}


async def test_the_books_are_closed(market: Market, pool: db.Pool) -> None:
    clearing = await pool.fetchval(
        "SELECT sum(debit_minor - credit_minor) FROM ledger_account WHERE kind LIKE 'clearing:%'"
    )
    assert clearing == 0
    assert await pool.fetchval("SELECT count(*) FROM refund WHERE state <> 'confirmed'") == 0


async def test_it_holds_what_was_promised(market: Market, pool: db.Pool) -> None:
    assert (market.filled.shops, market.filled.products) == (SHOPS, 600)
    assert market.filled.orders >= 400
    counted = await pool.fetchrow("""
        SELECT (SELECT count(*) FROM shop) AS shops,
            (SELECT count(DISTINCT cell) FROM shop) AS cells,
            (SELECT count(*) FROM shop WHERE state = 'holiday') AS away,
            (SELECT count(*) FROM product WHERE state = 'listed') AS listed,
            (SELECT count(*) FROM product WHERE state = 'draft') AS drafts,
            (SELECT count(*) FROM account) AS people,
            (SELECT count(*) FROM sku WHERE list_price_minor <= price_minor) AS dishonest,
            (SELECT count(*) FROM sku WHERE list_price_minor > price_minor) AS reduced,
            (SELECT count(DISTINCT role) FROM shop_staff) AS roles,
            (SELECT count(*) FROM platform_role) AS operators
    """)
    assert counted
    assert counted["shops"] == counted["cells"] == SHOPS
    assert counted["away"] == 1
    assert (counted["listed"], counted["drafts"]) == (592, 4)
    assert counted["people"] == BUYERS + SHOPS + len(POSTS) + 1
    assert counted["dishonest"] == 0
    assert counted["reduced"] > 50
    assert (counted["roles"], counted["operators"]) == (4, 1)


async def test_a_struck_price_was_really_asked(market: Market, pool: db.Pool) -> None:
    """Orders of the month before the reduction paid exactly the list price."""
    wrong = await pool.fetchval("""
        SELECT count(*) FROM sale_order_line l JOIN sku k ON k.cell = l.cell AND k.id = l.sku_id
        WHERE l.price_minor <> k.price_minor AND l.price_minor IS DISTINCT FROM k.list_price_minor
    """)
    assert wrong == 0
    earlier = await pool.fetchval("""
        SELECT count(*) FROM sale_order_line l JOIN sku k ON k.cell = l.cell AND k.id = l.sku_id
        WHERE l.price_minor = k.list_price_minor
    """)
    assert earlier > 0


async def test_ids_lie_where_their_orders_do(market: Market, pool: db.Pool) -> None:
    """Lists by id are lists by time."""
    off = await pool.fetchval("""
        SELECT count(*) FROM sale_order WHERE abs(extract(epoch FROM placed_at)
            - ((id >> 22) + 1704067200000) / 1000.0) > 1
    """)
    assert off == 0


async def test_every_order_state_can_be_seen(market: Market, pool: db.Pool) -> None:
    rows = await pool.fetch("SELECT state, count(*) FROM sale_order GROUP BY state")
    assert {row["state"] for row in rows} == {10, 20, 21, 30, 100, 200, 250}
    mine = await pool.fetchval("""
        SELECT count(DISTINCT o.state) FROM sale_order o JOIN login l ON l.account_id = o.buyer_id
        WHERE l.value = 'buyer@jishi.example'
    """)
    assert mine >= 3


async def test_what_was_said_after_buying_can_be_seen(market: Market, pool: db.Pool) -> None:
    cases = await pool.fetch("SELECT state FROM aftersale_case ORDER BY state")
    assert [row["state"] for row in cases] == ["asked", "disputed", "settled"]
    counted = await pool.fetchrow("""
        SELECT (SELECT count(*) FROM review) AS reviews,
            (SELECT count(*) FROM review WHERE answer IS NOT NULL) AS answers,
            (SELECT count(*) FROM message) AS messages,
            (SELECT count(*) FROM freight_template) AS templates,
            (SELECT count(*) FROM warehouse WHERE region_code IS NULL OR phone = '') AS nowhere,
            (SELECT count(*) FROM shop_return_address) AS addresses
    """)
    assert counted
    assert counted["reviews"] > counted["answers"] > 0
    assert counted["messages"] > 0
    assert counted["templates"] > 0
    assert (counted["nowhere"], counted["addresses"]) == (0, SHOPS)


async def test_few_orders_left_late_enough_to_be_compensated(market: Market, pool: db.Pool) -> None:
    late = await pool.fetchval(
        "SELECT count(*) FROM sale_order WHERE shipped_at > ship_by + interval '24 hours'"
    )
    assert late <= 6


async def test_the_printed_sign_ins_let_one_in(market: Market, pool: db.Pool) -> None:
    for _, login, password in SIGN_INS:
        async with pool.acquire() as link:
            found = await find_credentials(link, parse_login(login.strip()))
        assert found
        assert await fits(password, found.password_hash)


async def test_the_provider_knows_the_same_payments(market: Market, pool: db.Pool) -> None:
    book = sqlite3.connect(market.settings.home / "sandbox" / "sandbox.sqlite3")
    theirs = dict(book.execute("SELECT out_trade_no, amount_minor FROM payment"))
    back = book.execute("SELECT coalesce(sum(amount_minor), 0) FROM refund").fetchone()[0]
    book.close()
    ours = await pool.fetch("SELECT id, amount_minor FROM payment WHERE state = 'paid'")
    assert theirs == {str(row["id"]): row["amount_minor"] for row in ours}
    assert back == await pool.fetchval("SELECT sum(amount_minor) FROM refund")


async def test_a_second_fill_touches_nothing(market: Market, pool: db.Pool) -> None:
    assert await fill(market.dsn, market.settings) is None
    tables = "SELECT (SELECT count(*) FROM account), (SELECT count(*) FROM sale_order)"
    people, orders = await pool.fetchrow(tables)
    assert people == BUYERS + SHOPS + len(POSTS) + 1
    assert orders == market.filled.orders


async def test_a_fill_that_is_cut_off_leaves_the_market_empty(
    server: TestServer, tmp_path: Path
) -> None:
    with server.copy("demo_broken") as dsn:
        settings = Settings(home=tmp_path, database_url=dsn)
        filling = asyncio.create_task(fill(dsn, settings))
        link = await asyncpg.connect(dsn)
        while not await link.fetchval(_CUT_OFF):
            await asyncio.sleep(0.05)
            assert not filling.done(), "it was too quick to be cut off"
        with pytest.raises((OSError, asyncpg.PostgresError, asyncpg.InterfaceError)):
            await filling
        assert await link.fetchval("SELECT count(*) FROM account") == 0
        await link.close()
        assert await fill(dsn, settings), "and the next one fills it"


async def test_production_is_not_filled(server: TestServer, tmp_path: Path) -> None:
    with server.copy("demo_production") as dsn:
        plain = Settings(home=tmp_path, database_url=dsn)
        await asyncio.to_thread(fill_if_empty, dsn, replace(plain, env=Env.PRODUCTION))
        link = await asyncpg.connect(dsn)
        assert await link.fetchval("SELECT count(*) FROM account") == 0
        await link.close()


# Ends the connection that fills, once its transaction has been at work for a moment.
_CUT_OFF = """
SELECT count(pg_terminate_backend(pid)) > 0 FROM pg_stat_activity
WHERE datname = current_database() AND application_name = 'jishi demo'
    AND xact_start < clock_timestamp() - interval '300 ms'
"""
