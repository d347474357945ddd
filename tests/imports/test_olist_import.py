"""The Olist data set through the real functions: every figure is found again, nothing twice."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from jishi import db
from jishi.db import Pool
from jishi.imports import olist, olist_check, olist_import, storage
from jishi.imports.compare import differences
from jishi.imports.csv_files import parse_table
from jishi.imports.past_orders import Terms
from jishi.imports.types import Reports
from jishi.kit.ids import IdMaker
from tests.imports.support import developers_data
from tests.imports.test_olist import FILES
from tests.support.database import TestServer

TODAY = datetime(2026, 11, 22, 12, tzinfo=UTC)
BOOKS = {
    "transfers sum to zero": "SELECT count(*) FROM (SELECT 1 FROM ledger_posting"
    " GROUP BY cell, transfer_id HAVING sum(amount_minor) <> 0) x",
    "accounts are the sum of their postings": "SELECT count(*) FROM ledger_account a"
    " LEFT JOIN (SELECT cell, kind, party_id, sum(amount_minor) AS balance FROM ledger_posting"
    " GROUP BY 1, 2, 3) p USING (cell, kind, party_id)"
    " WHERE a.debit_minor - a.credit_minor <> coalesce(p.balance, 0)",
    "clearing is empty": "SELECT count(*) FROM ledger_account"
    " WHERE kind LIKE 'clearing:%' AND debit_minor <> credit_minor",
    "orders are the sum of their lines": "SELECT count(*) FROM (SELECT o.amount_minor FROM"
    " sale_order o JOIN sale_order_line l ON l.cell = o.cell AND l.order_id = o.id"
    " GROUP BY o.cell, o.id HAVING sum(l.amount_minor) <> o.amount_minor) x",
    "nothing is held": "SELECT count(*) FROM stock_hold",
    "no refund waits": "SELECT count(*) FROM refund WHERE state <> 'confirmed'",
    "no payment waits": "SELECT count(*) FROM payment WHERE state = 'open'",
    "stock is what was received less what was sold": "SELECT count(*) FROM stock"
    " WHERE received <> on_hand + held + sold + lost",
}


@pytest.fixture
async def market(server: TestServer) -> AsyncIterator[Pool]:
    """A market of its own: the figures are those of the whole market."""
    with server.copy("olist") as dsn:
        pool = await db.open_pool(dsn, size=4)
        yield pool
        await pool.close()


async def take_in(pool: Pool, dataset: olist.Dataset, *, stop_after: int | None = None) -> int:
    """How many orders were written. ``stop_after``: only the first ones are tried."""
    plans = olist_import.plan_all(dataset.orders, unpaid_window=timedelta(minutes=30))
    maker = IdMaker(9)
    async with db.transaction(pool) as tx:
        run_id = maker.make(0)
        await storage.start_run(tx, run_id, source="olist", origin="test", shop_id=None, now=TODAY)
    terms = Terms(
        run_id=run_id, currency="BRL", fee_bp=60, confirm_after=timedelta(days=10), now=TODAY
    )
    written, _ = await olist_import.take_in_all(
        pool, maker, dataset, plans[:stop_after], terms, lambda _count: None
    )
    return len(written)


async def totals(pool: Pool) -> dict[str, Any]:
    async with db.reading(pool) as tx:
        return await olist_check.totals_of_market(tx)


async def assert_books_hold(pool: Pool) -> None:
    async with db.reading(pool) as tx:
        for name, query in BOOKS.items():
            assert await tx.fetchval(query) == 0, name


async def test_every_figure_of_the_files_is_found_in_the_market(market: Pool) -> None:
    folder = developers_data("olist")
    reports = Reports()
    dataset = olist.read_folder(folder, reports)
    assert reports.items == []

    first = await take_in(market, dataset, stop_after=1000)  # stopped, then begun again
    assert first + await take_in(market, dataset) == len(dataset.orders)
    assert await take_in(market, dataset) == 0

    expected = json.loads((folder / "expected-totals.json").read_text())
    found = await totals(market)
    assert as_published(found) == {name: expected[name] for name in as_published(found)}
    assert list(differences(olist_check.totals_of(dataset.orders), found)) == []
    assert list(olist_check.book_problems(found)) == []
    await assert_books_hold(market)
    async with db.reading(market) as tx:
        span = "SELECT min(occurred_at), max(occurred_at) FROM ledger_transfer"
        earliest, latest = await tx.fetchrow(span)
        assert (earliest.year, latest.year) == (2016, 2018)
        waiting = "SELECT min(confirm_by) FROM sale_order WHERE state = 30"
        assert await tx.fetchval(waiting) >= TODAY


async def test_a_small_book_goes_every_way_an_order_can_go(market: Pool) -> None:
    text = FILES["orders"] + (
        "o3,c2,canceled,2018-01-03 00:00:00,2018-01-03 01:00:00,,,\n"
        "o4,c2,canceled,2018-01-04 00:00:00,,,,\n"
        "o5,c2,created,2018-01-05 00:00:00,,,,\n"
        "o6,c2,unavailable,2018-01-06 00:00:00,2018-01-06 01:00:00,,,\n"
        "o7,c2,processing,2018-01-07 00:00:00,2018-01-07 01:00:00,,,\n"
    )
    items = FILES["order_items"] + "".join(f"o{n},1,p1,s1,10.00,1.5\n" for n in (3, 4, 5, 7))
    pays = FILES["order_payments"] + "".join(f"o{n},1,voucher,1,12.00\n" for n in (3, 4, 6, 7))
    changed = {**FILES, "orders": text, "order_items": items, "order_payments": pays}
    tables = {name: parse_table(name, it.encode(), Reports()) for name, it in changed.items()}
    dataset = olist.join(tables, Reports())
    assert await take_in(market, dataset) == 7
    assert await take_in(market, dataset) == 0
    async with db.reading(market) as tx:
        rows = await tx.fetch(
            "SELECT t.external_id, o.state FROM import_order t"
            " LEFT JOIN sale_order o ON o.cell = cell_of(t.order_ids[1]) AND o.id = t.order_ids[1]"
        )
        assert dict(map(tuple, rows)) == {  # type: ignore[arg-type]
            "o1": 100,
            "o2": 30,
            "o3": 200,
            "o4": 250,
            "o5": 250,
            "o6": None,
            "o7": 20,
        }
        left = await tx.fetch("SELECT external_id, why FROM import_leftover")
        assert [tuple(row) for row in left] == [("o6", "order_without_items")]
        closed = "SELECT count(*) FROM payment WHERE state = 'closed'"
        assert await tx.fetchval(closed) == 2
    found = await totals(market)
    assert list(differences(olist_check.totals_of(dataset.orders), found)) == []
    assert list(olist_check.book_problems(found)) == []
    assert found["differences"] == 1200 + 1200 + 50 + 50  # unpaid, without items, too much twice
    await assert_books_hold(market)


async def test_an_empty_market_has_figures_too(market: Pool) -> None:
    found = await totals(market)
    assert (found["payments_total"], found["orders_by_status"]) == (0, {})
    assert list(olist_check.book_problems(found)) == []


def as_published(found: dict[str, Any]) -> dict[str, Any]:
    """Our figures in the form of expected-totals.json: amounts as decimals."""
    amounts = ("items_price_total", "items_freight_total", "payments_total")
    plain = {name: found[name] for name in found if name not in {"ledger", "differences"}}
    plain |= {name: money(found[name]) for name in amounts}
    plain["payments_by_type"] = {
        kind: {**row, "value": money(row["value"])}
        for kind, row in found["payments_by_type"].items()
    }
    plain["by_purchase_month"] = {
        month: {name: it if name == "orders" else money(it) for name, it in row.items()}
        for month, row in found["by_purchase_month"].items()
    }
    plain["top10_sellers_by_price"] = [
        {**row, "price": money(row["price"])} for row in found["top10_sellers_by_price"]
    ]
    return plain


def money(minor: int) -> str:
    return f"{Decimal(minor).scaleb(-2):.2f}"
