"""The UCI Online Retail data set: invoices line by line. Pure but for reading the file.

One CSV file, plain or gzip. Prices have up to three decimals and are kept as thousandths; times
carry no zone and are taken as UTC. Invoices starting with C are returns, with A adjustments.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from pathlib import Path

from jishi.imports.csv_files import read_table
from jishi.imports.figures import instant_of, whole_of
from jishi.imports.types import Reports, Row

NEEDED = (
    "InvoiceNo",
    "StockCode",
    "Description",
    "Quantity",
    "InvoiceDate",
    "UnitPrice",
    "CustomerID",
    "Country",
)
QUANTITY_MAX = 10**9
CODE_MAX = 64
_PRICE = re.compile(r"(-?)([0-9]{1,9})(?:\.([0-9]{1,3})0*)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One row. ``customer`` is empty for sales over the counter."""

    row: int
    invoice: str
    code: str
    description: str
    quantity: int
    price_milli: int
    at: datetime
    customer: str
    country: str

    @property
    def amount_milli(self) -> int:
        return self.quantity * self.price_milli


@dataclass(frozen=True, slots=True)
class Invoice:
    """The rows of one number, in the file's order; it is as old as its first row."""

    number: str
    entries: tuple[Entry, ...]

    @property
    def at(self) -> datetime:
        return self.entries[0].at

    @property
    def customer(self) -> str:
        return self.entries[0].customer

    @property
    def country(self) -> str:
        return self.entries[0].country


def read_file(path: Path, reports: Reports) -> list[Invoice]:
    """The invoices of a file, oldest first; rows that cannot be read go to ``reports``.

    Raises Unreadable.
    """
    table = read_table(path, reports, needed=NEEDED)
    entries = [made for row in table.rows if (made := entry_of(row, reports)) is not None]
    return invoices_of(entries)


def invoices_of(entries: Iterable[Entry]) -> list[Invoice]:
    """Rows by invoice, oldest invoice first."""
    by_number = sorted(entries, key=lambda it: (it.invoice, it.row))
    found = [
        Invoice(number, tuple(rows)) for number, rows in groupby(by_number, lambda it: it.invoice)
    ]
    return sorted(found, key=lambda it: (it.at, it.number))


def entry_of(row: Row, reports: Reports) -> Entry | None:
    """The row's entry; None when a cell cannot be read, which ``reports`` is told by column."""
    quantity, price = whole_of(row["Quantity"]), milli_of(row["UnitPrice"])
    at = instant_of(row["InvoiceDate"])
    checks = (
        (not row["InvoiceNo"], "InvoiceNo", "invoice.missing", "The row has no invoice number."),
        (not 1 <= len(row["StockCode"]) <= CODE_MAX, "StockCode", "code.invalid", "No stock code."),
        (
            quantity is None or quantity == 0 or abs(quantity) > QUANTITY_MAX,
            "Quantity",
            "quantity.invalid",
            "This is not a quantity.",
        ),
        (price is None, "UnitPrice", "price.invalid", "This is not a price."),
        (at is None, "InvoiceDate", "date.invalid", "This is not a time."),
    )
    wrong = [check[1:] for check in checks if check[0]]
    for column, code, message in wrong:
        reports.add(row.remark(column, code, message))
    if wrong or quantity is None or price is None or at is None:
        return None
    return Entry(
        row=row.number,
        invoice=row["InvoiceNo"],
        code=row["StockCode"],
        description=row["Description"],
        quantity=quantity,
        price_milli=price,
        at=at,
        customer=row["CustomerID"],
        country=row["Country"],
    )


def milli_of(text: str) -> int | None:
    """Thousandths of a decimal with up to three places, signed; None for anything else."""
    found = _PRICE.fullmatch(text.strip())
    if not found:
        return None
    milli = int(found[2]) * 1000 + int((found[3] or "").ljust(3, "0"))
    return -milli if found[1] else milli
