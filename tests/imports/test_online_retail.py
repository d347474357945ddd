"""Online Retail: every row has one place, returns find what they take back, figures add up."""

import json
import os
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jishi import db, verify
from jishi.db import Pool
from jishi.imports import online_retail, online_retail_check, storage
from jishi.imports import online_retail_write as writing
from jishi.imports.compare import differences
from jishi.imports.csv_files import parse_table
from jishi.imports.online_retail import Entry, Invoice, invoices_of
from jishi.imports.online_retail_plan import Fate, Return, Sale, Why, counters_of, plan_all
from jishi.imports.online_retail_world import SOURCE
from jishi.imports.past_orders import Terms
from jishi.imports.types import Reports
from jishi.kit.ids import IdMaker
from jishi.modules.aftersale import Side
from jishi.reads.aftersale.queries import find_whole
from tests.imports.support import developers_data
from tests.support.database import TestServer

TODAY = datetime(2026, 11, 22, 12, tzinfo=UTC)
LONG = os.environ.get("JISHI_LONG") == "1"
FEW = 800  # invoices of the usual run; all with JISHI_LONG=1
HEAD = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
BOOK = HEAD + (
    "1,85123A,LAMP,6,2011-01-01 08:00:00,2.55,17850,United Kingdom\n"
    "1,POST,POSTAGE,1,2011-01-01 08:00:00,15.00,17850,United Kingdom\n"
    "1,85123A,LAMP,6,2011-01-01 08:00:00,2.55,17850,United Kingdom\n"
    "1,M,Manual,1,2011-01-01 08:00:00,4.00,17850,United Kingdom\n"
    "2,22197,BOX,20000,2011-01-02 08:00:00,0.10,17850,EIRE\n"
    "C3,85123A,LAMP,-8,2011-01-03 08:00:00,2.55,17850,United Kingdom\n"
    "C4,85123A,LAMP,-9,2011-01-04 08:00:00,2.55,17850,United Kingdom\n"
    "C5,22197,BOX,-10000,2011-01-05 08:00:00,0.10,17850,EIRE\n"
    "C6,22197,BOX,-1,2011-01-05 09:00:00,0.10,,EIRE\n"
    "7,22197,,-30,2011-01-05 10:00:00,0,,United Kingdom\n"
    "8,PADS1,PADS,1,2011-01-06 08:00:00,0.001,17850,United Kingdom\n"
    "9,DOT,POSTAGE,1,2011-01-06 08:00:00,5.5,17850,United Kingdom\n"
    "A10,B,Adjust bad debt,1,2011-01-06 08:00:00,-11062.06,,United Kingdom\n"
    "11,22197,BOX,1,2011-01-07 08:00:00,0.125,,Nowhere\n"
)


def read(text: str) -> tuple[list[Invoice], Reports]:
    reports = Reports()
    table = parse_table("retail.csv", text.encode(), reports, needed=online_retail.NEEDED)
    made = [online_retail.entry_of(row, reports) for row in table.rows]
    return invoices_of(it for it in made if it), reports


@pytest.mark.parametrize(
    ("text", "milli"),
    [("2.55", 2550), ("0.001", 1), ("-11062.06", -11062060), ("7", 7000), ("1.2340", 1234)],
)
def test_prices_are_thousandths(text: str, milli: int) -> None:
    assert online_retail.milli_of(text) == milli


@pytest.mark.parametrize("text", ["", "x", "1.2345", "1e3", "--1", "1,5", "NaN"])
def test_what_is_no_price_is_none(text: str) -> None:
    assert online_retail.milli_of(text) is None


def test_bad_rows_are_named_and_the_rest_is_read() -> None:
    invoices, reports = read(
        BOOK + "12,A1,x,none,2011-01-07 08:00:00,1,,UK\n13,,x,1,yesterday,free,,UK\n"
    )
    assert [(it.row, it.field, it.code) for it in reports.items] == [
        (16, "Quantity", "quantity.invalid"),
        (17, "StockCode", "code.invalid"),
        (17, "UnitPrice", "price.invalid"),
        (17, "InvoiceDate", "date.invalid"),
    ]
    assert sum(len(it.entries) for it in invoices) == 14


def test_every_row_has_its_place() -> None:
    plans = {it.invoice.number: it for it in plan_all(read(BOOK)[0])}
    sale, boxes = plans["1"], plans["2"]
    assert isinstance(sale, Sale)
    assert isinstance(boxes, Sale)
    assert (len(sale.lines), sale.freight_minor, sale.amount_minor) == (2, 1500, 12 * 255 + 1500)
    assert [it.quantity for it in boxes.lines] == [9_999, 9_999, 2]  # a line takes no more
    first, second, third = plans["C3"], plans["C4"], plans["C5"]
    assert isinstance(first, Return)
    assert [(it.line, it.quantity) for it in first.taken] == [(2, 6), (1, 2)]  # newest first
    assert isinstance(second, Return)
    assert [(it.quantity, it.amount_minor) for it in second.taken] == [(4, 4 * 255)]
    assert (second.places[0].fate, second.places[0].why) == (Fate.RETURNED, Why.BOUGHT_BEFORE)
    assert isinstance(third, Return)
    assert sum(it.quantity for it in third.taken) == 10_000
    whys = {number: plans[number].places[0].why for number in ("C6", "7", "8", "9", "A10")}
    assert whys == {
        "C6": Why.NO_CUSTOMER,
        "7": Why.NO_PRICE,
        "8": Why.BELOW_MINOR,
        "9": Why.FREIGHT_ALONE,
        "A10": Why.BAD_DEBT,
    }
    assert sale.places[3].why is Why.NOT_GOODS
    assert counters_of(list(plans.values()))["rows"] == 14


entries = st.builds(
    Entry,
    row=st.integers(2, 10**6),
    invoice=st.sampled_from(["1", "2", "3", "C4", "C5", "C6"]),
    code=st.sampled_from(["11111", "22222", "POST", "M"]),
    description=st.just("x"),
    quantity=st.integers(-30_000, 30_000).filter(bool),
    price_milli=st.sampled_from([0, 1, 1230, 1255, -5000]),
    at=st.integers(0, 99).map(lambda hours: TODAY + timedelta(hours=hours)),
    customer=st.sampled_from(["", "a", "b"]),
    country=st.just("UK"),
)


@given(st.lists(entries, max_size=30))
def test_nothing_comes_back_that_was_not_sold(made: Sequence[Entry]) -> None:
    plans = plan_all(invoices_of(made))
    sold = {(it.invoice.number, line.line): line for it in plans if isinstance(it, Sale)
            for line in it.lines}  # fmt: skip
    back: dict[tuple[str, int], int] = {}
    for taken in (taken for it in plans if isinstance(it, Return) for taken in it.taken):
        key = taken.sale, taken.line
        back[key] = back.get(key, 0) + taken.quantity
        assert taken.amount_minor == taken.quantity * sold[key].price_minor
    assert all(0 < pieces <= sold[key].quantity for key, pieces in back.items())
    assert sum(len(it.places) for it in plans) == len(made)


@pytest.fixture
async def market(server: TestServer) -> AsyncIterator[Pool]:
    with server.copy("retail") as dsn:
        pool = await db.open_pool(dsn, size=4)
        yield pool
        await pool.close()


async def take_in(pool: Pool, invoices: Sequence[Invoice], *, stop_after: int | None = None) -> int:
    plans = plan_all(invoices)
    maker = IdMaker(9)
    async with db.transaction(pool) as tx:
        run_id = maker.make(0)
        source = SOURCE
        await storage.start_run(tx, run_id, source=source, origin="t", shop_id=None, now=TODAY)
    terms = Terms(
        run_id=run_id, currency="GBP", fee_bp=60, confirm_after=timedelta(days=10), now=TODAY
    )
    written, _ = await writing.take_in_all(
        pool, maker, plans[:stop_after], terms, lambda _count: None, shop_id=None
    )
    return len(written)


async def found_in(pool: Pool) -> dict[str, Any]:
    async with db.reading(pool) as tx:
        for name in verify.NAMES:
            assert await tx.fetch(verify.text_of(name)) == [], name
        return await online_retail_check.totals_of_market(tx)


async def test_a_small_book_and_its_repeat(market: Pool) -> None:
    invoices, _ = read(BOOK)
    assert await take_in(market, invoices, stop_after=3) == 3  # stopped, then begun again
    assert await take_in(market, invoices) == len(invoices) - 3
    assert await take_in(market, invoices) == 0
    found = await found_in(market)
    assert list(differences(online_retail_check.totals_of(invoices), found)) == []
    assert list(online_retail_check.book_problems(found)) == []
    async with db.reading(market) as tx:
        states = await tx.fetch(
            "SELECT state, refunded_minor FROM sale_order ORDER BY placed_at, id"
        )
        assert [tuple(row) for row in states] == [(100, 12 * 255), (100, 100_000), (100, 0)]


async def test_the_file_is_found_again_in_the_market(market: Pool) -> None:
    folder = developers_data("online-retail")
    reports = Reports()
    (file,) = folder.glob("*.csv.gz")
    invoices = online_retail.read_file(file, reports)
    assert reports.items == []
    expected = json.loads((folder / "expected-totals.json").read_text())
    totals = online_retail_check.totals_of(invoices)
    for name in ("rows", "invoices", "stock_codes", "sum_quantity"):
        assert totals[name] == expected[name]
    for name in ("sum_quantity_x_unitprice", "sum_positive_lines", "sum_negative_lines"):
        assert totals[name] == online_retail.milli_of(expected[name])

    some = invoices if LONG else invoices[:FEW]
    assert await take_in(market, some) == len(some)
    found = await found_in(market)
    assert list(differences(online_retail_check.totals_of(some), found)) == []
    assert list(online_retail_check.book_problems(found)) == []
    assert found["book"]["units_returned"] > 0


async def test_every_return_is_a_case_with_its_course(market: Pool) -> None:
    invoices, _ = read(BOOK)
    await take_in(market, invoices, stop_after=3)  # C4 takes from the sale of another run
    await take_in(market, invoices)
    async with db.reading(market) as tx:
        cases = await tx.fetch(
            "SELECT * FROM aftersale_case ORDER BY asked_at, amount_minor DESC, line DESC"
        )
        parts = [(it["line"], it["quantity"], it["refunded_minor"]) for it in cases]
        assert parts == [
            *[(2, 6, 6 * 255), (1, 2, 2 * 255)],  # C3
            (1, 4, 4 * 255),  # C4: the line once more
            *[(2, 9_998, 99_980), (3, 2, 20)],  # C5
        ]
        ends = {(it["kind"], it["state"], it["came_back"], it["amount_minor"]) for it in cases}
        assert ends == {("return", "settled", "sellable", it["refunded_minor"]) for it in cases}
        for case, number in zip(cases, ["C3", "C3", "C4", "C5", "C5"], strict=True):
            whole = await find_whole(tx, "en", case["id"])
            assert whole is not None
            assert [(it.why, it.actor, it.occurred_at) for it in reversed(whole.steps)] == [
                ("asked", Side.BUYER, case["asked_at"]),
                ("agreed", Side.SHOP, case["asked_at"]),
                ("sent_back", Side.BUYER, case["asked_at"]),
                ("received_sellable", Side.SHOP, case["asked_at"]),
            ]
            (parcel,) = whole.parcels
            assert (parcel.waybill, parcel.received_at) == (number, case["asked_at"])
            assert whole.row["refund_state"] == "confirmed"
        told = await tx.fetch(
            "SELECT topic, count(*) AS times FROM outbox WHERE topic LIKE 'aftersale.%' GROUP BY 1"
        )
        topics = ("asked", "agreed", "returned", "received", "closed")
        assert {row["topic"]: row["times"] for row in told} == {
            f"aftersale.{topic}": len(cases) for topic in topics
        }
