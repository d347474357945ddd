"""Sheets of waybills as rows: CSV in any usual encoding, or cells pasted from a spreadsheet. Pure."""

import csv
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from jishi.modules.fulfilment.types import SheetEmpty, SheetRow, SheetTooLong, SheetUnreadable

ROWS_MAX: Final = 5_000
SHEET_BYTES_MAX: Final = 2 * 1024 * 1024
CELL_MAX: Final = 200
LINE_END: Final = re.compile(r"\r\n|\n|\r")
COLUMNS: Final = ("order", "carrier", "waybill")
HEADS: Final[Mapping[str, str]] = {
    **dict.fromkeys(
        ("订单号", "订单编号", "订单", "order", "ordernumber", "orderno", "orderid"), "order"
    ),
    **dict.fromkeys(
        ("快递", "快递公司", "物流公司", "承运商", "carrier", "carriercode", "courier"), "carrier"
    ),
    **dict.fromkeys(
        ("运单号", "快递单号", "物流单号", "单号", "waybill", "waybillnumber", "trackingnumber"),
        "waybill",
    ),
}
_BINARY: Final = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF", b"\x89PNG", b"\xff\xd8\xff")


def read_sheet(raw: bytes) -> list[SheetRow]:
    """The rows of a file, its heading left out; empty rows are skipped but counted.

    UTF-8 with or without a BOM, UTF-16 with one, or GBK. Cells are parted by comma, tab or semicolon.
    Without a heading the columns are order, carrier, waybill; with one they may stand in any order.
    Raises SheetUnreadable, SheetEmpty, SheetTooLong.
    """
    if len(raw) > SHEET_BYTES_MAX:
        raise SheetTooLong(limit=ROWS_MAX)
    lines = list(_numbered(decode(raw)))
    columns, rest = _heading(lines)
    rows = [_row(number, cells, columns) for number, cells in rest]
    if not rows:
        raise SheetEmpty
    if len(rows) > ROWS_MAX:
        raise SheetTooLong(limit=ROWS_MAX)
    return rows


def decode(raw: bytes) -> str:
    """The text of a file. Raises SheetUnreadable."""
    if raw.startswith(_BINARY):
        raise SheetUnreadable
    is_wide = raw.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ["utf-16"] if is_wide else ["utf-8-sig", "gb18030"]:
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise SheetUnreadable


def _numbered(text: str) -> Iterator[tuple[int, list[str]]]:
    """(number, cells) of lines that hold anything.

    Each line is read by itself, so that a quote that is never closed spoils its own row only.
    """
    lines = LINE_END.split(text)
    first = next((line for line in lines if line.strip()), "")
    delimiter = max("\t,;", key=first.count)
    for number, line in enumerate(lines, start=1):
        try:
            cells = next(csv.reader([line], delimiter=delimiter), [])
        except csv.Error as problem:  # a cell longer than the reader takes
            raise SheetUnreadable from problem
        if any(cell.strip() for cell in cells):
            yield number, cells


def _heading(
    lines: Sequence[tuple[int, list[str]]],
) -> tuple[dict[str, int], Sequence[tuple[int, list[str]]]]:
    """Which column holds what, and the rows below. A heading names at least order and waybill."""
    if lines:
        named = {
            HEADS[key]: at for at, cell in enumerate(lines[0][1]) if (key := _key(cell)) in HEADS
        }
        if {"order", "waybill"} <= named.keys():
            return named, lines[1:]
    return {name: at for at, name in enumerate(COLUMNS)}, lines


def _row(number: int, cells: Sequence[str], columns: Mapping[str, int]) -> SheetRow:
    def cell(name: str) -> str:
        at = columns.get(name)
        return cells[at][:CELL_MAX].strip() if at is not None and at < len(cells) else ""

    return SheetRow(
        number=number, order=cell("order"), carrier=cell("carrier"), waybill=cell("waybill")
    )


def _key(cell: str) -> str:
    plain = unicodedata.normalize("NFKC", cell).casefold()
    return "".join(letter for letter in plain if letter.isalnum())
