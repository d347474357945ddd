"""Spreadsheets of goods and reports of uploads, as XLSX and CSV. Pure."""

import io
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from jishi.db import Row
from jishi.flows.edit_by_sheet.types import COLUMNS
from jishi.kit.money import format_plain
from jishi.web.sheet import BOM, cell, lines, number

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV: Final = "text/csv; charset=utf-8"
LONG: Final = 16  # digits a spreadsheet would round

Words = Callable[[str], str]


def goods_table(
    rows: Sequence[Row], words: Words, *, currency: str, states: Mapping[str, str]
) -> list[list[str]]:
    """Headings and a row per SKU, every cell as text."""
    return [
        [words(it) for it in COLUMNS.values()],
        *(_goods_row(row, words, currency, states) for row in rows),
    ]


def _goods_row(row: Row, words: Words, currency: str, states: Mapping[str, str]) -> list[str]:
    earlier = row["list_price_minor"]
    values: dict[str, Any] = {
        **{name: row[name] for name in ("title", "title_en", "brand", "code")},
        "sku_id": str(row["sku_id"]),
        "product_id": str(row["product_id"]),
        "options": " · ".join(row["options"]),
        "state": words(states.get(row["state"], row["state"])),
        "category": row["category"] or "",
        "price": format_plain(row["price_minor"], currency),
        "list_price": "" if earlier is None else format_plain(earlier, currency),
        "weight": str(row["weight_grams"]) if row["weight_grams"] else "",
        "stock": str(row["on_hand"]),
        "on_sale": words("yes") if row["enabled"] else words("no"),
    }
    return [str(values[name]) for name in COLUMNS]


def as_csv(table: Sequence[Sequence[str]]) -> bytes:
    """With a byte order mark; long numbers stay text; nothing in it runs as a formula."""
    safe = [
        [number(it) if it.isdigit() and len(it) >= LONG else cell(it) for it in row]
        for row in table
    ]
    return (BOM + lines(safe)).encode()


def as_xlsx(table: Sequence[Sequence[str]]) -> bytes:
    """One sheet, every cell text: nothing in it is a formula and no number is rounded."""
    from openpyxl import Workbook  # takes long to load, and few processes write a sheet

    book = Workbook(write_only=True)
    sheet = book.create_sheet("Jishi")
    for row in table:
        sheet.append([_text(sheet, it) for it in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _text(sheet: Any, value: str) -> Any:
    from openpyxl.cell import WriteOnlyCell

    made = WriteOnlyCell(sheet)
    made.value = "".join(it for it in value if it >= " " or it in "\t\n")
    made.data_type = "s"
    return made
