"""The figures of Online Retail, from its file and from our own tables, side by side."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from jishi.db import Tx, load_sql
from jishi.imports.compare import Totals
from jishi.imports.online_retail import Entry, Invoice
from jishi.imports.online_retail_world import SOURCE

_TOTALS = load_sql(__package__, "online_retail_totals")
BOOK = (
    ("sold_minor", "orders_minor"),
    ("returned_minor", "refunds_minor"),
    ("units_sold", "units_ordered"),
    ("units_returned", "units_refunded"),
    ("returned_minor", "cases_minor"),
    ("units_returned", "units_in_cases"),
)


async def totals_of_market(tx: Tx) -> dict[str, Any]:
    """What our tables say; ``book`` beside the keys of ``totals_of``."""
    totals: dict[str, Any] = await tx.fetchval(_TOTALS, SOURCE)
    return totals


def totals_of(invoices: Sequence[Invoice]) -> dict[str, Any]:
    """What the file says of rows that were not refused. Amounts in thousandths. Pure."""
    entries = [entry for invoice in invoices for entry in invoice.entries]
    codes = Counter[str]()
    for entry in entries:
        codes[entry.code] += entry.quantity
    return {
        "rows": len(entries),
        "invoices": len(invoices),
        "stock_codes": len(codes),
        "sum_quantity": sum(entry.quantity for entry in entries),
        "sum_quantity_x_unitprice": sum(entry.amount_milli for entry in entries),
        "sum_positive_lines": sum(max(entry.amount_milli, 0) for entry in entries),
        "sum_negative_lines": sum(min(entry.amount_milli, 0) for entry in entries),
        "by_month": _by_month(entries),
        "by_country": _by_country(entries),
        "by_stock_code": dict(codes),
    }


def book_problems(market: Totals) -> Iterator[str]:
    """Rows that were booked must stand in orders, refunds and cases, to the unit and minor unit."""
    book = market["book"]
    for rows, kept in BOOK:
        if book[rows] != book[kept]:
            yield f"{rows} {book[rows]} is not {kept} {book[kept]}"


def _by_month(entries: Sequence[Entry]) -> dict[str, dict[str, int]]:
    invoices: dict[str, set[str]] = defaultdict(set)
    found: dict[str, dict[str, int]] = {}
    for entry in entries:
        month = f"{entry.at:%Y-%m}"
        row = found.setdefault(month, {"rows": 0, "invoices": 0, "sum_quantity_x_unitprice": 0})
        row["rows"] += 1
        row["sum_quantity_x_unitprice"] += entry.amount_milli
        invoices[month].add(entry.invoice)
    for month, numbers in invoices.items():
        found[month]["invoices"] = len(numbers)
    return found


def _by_country(entries: Sequence[Entry]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for entry in entries:
        row = found.setdefault(entry.country, {"rows": 0, "sum_quantity_x_unitprice": 0})
        row["rows"] += 1
        row["sum_quantity_x_unitprice"] += entry.amount_milli
    return found
