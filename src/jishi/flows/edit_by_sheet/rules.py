"""What the cells of a row mean, and what rows do to products. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

from jishi.flows.edit_by_sheet.types import (
    CELL_CHARS_MAX,
    CELLS,
    CLEAR,
    COLUMN_OF,
    FIELDS,
    FORMULA,
    OF_PRODUCT,
    ON_SHELF,
    QUOTE,
)
from jishi.kit.ids import ProductId, SkuId, parse_id
from jishi.kit.money import parse_minor
from jishi.kit.text import clean
from jishi.modules.catalogue import Snapshot, price_problems
from jishi.modules.catalogue.types import (
    BRAND_MAX,
    CODE_MAX,
    PRICE_MAX_MINOR,
    TITLE_MAX,
    WEIGHT_MAX_GRAMS,
    SheetRow,
)

STOCK_MAX: Final = 1_000_000_000
TEXT_MAX: Final = {"title": TITLE_MAX, "title_en": TITLE_MAX, "brand": BRAND_MAX, "code": CODE_MAX}
YES: Final = frozenset({"yes", "y", "on", "1", "true", "是", "开", "上架", "在售"})
NO: Final = frozenset({"no", "n", "off", "0", "false", "否", "关", "下架", "停售"})
MAY_BE_EMPTY: Final = {"title_en": "", "brand": "", "code": "", "list_price": None}


def problem(column: str, code: str, /, **facts: Any) -> dict[str, Any]:
    return {"column": column, "code": code, "facts": facts}


def read_rows(
    lines: Sequence[tuple[int, Mapping[str, str]]], *, currency: str, columns: int
) -> list[SheetRow]:
    """Rows as they were typed, with what is wrong in their cells by themselves."""
    rows = [_read(number, cells, currency, columns) for number, cells in lines]
    first: dict[int, int] = {}
    for it in rows:
        if it.sku_id is not None and first.setdefault(it.sku_id, it.row) != it.row:
            it.problems.append(problem("sku_id", "sku.twice", first=first[it.sku_id]))
    return rows


def _read(number: int, cells: Mapping[str, str], currency: str, columns: int) -> SheetRow:
    row = SheetRow(row=number, typed={k: v[:200].replace("\x00", "") for k, v in cells.items()})
    if QUOTE in cells or CELLS in cells:
        row.typed = {}
        facts = {"cells": int(cells.get(CELLS, 0)), "columns": columns}
        quoted = QUOTE in cells
        row.problems.append(
            problem("", "row.open_quote") if quoted else problem("", "row.cells", **facts)
        )
        return row
    sku_id, product_id = parse_id(cells.get("sku_id", "")), parse_id(cells.get("product_id", ""))
    row.sku_id = SkuId(sku_id) if sku_id else None
    row.product_id = ProductId(product_id) if product_id else None
    if not sku_id and (cells.get("sku_id") or not cells.get("code")):
        row.problems.append(problem("sku_id", "sku.missing"))
    for column, text in cells.items():
        if column not in FIELDS or (column == "code" and not sku_id):
            continue
        if text.startswith(FORMULA):
            row.problems.append(problem(column, "cell.formula"))
            continue
        value, wrong = _value(column, clean(text), currency)
        if wrong:
            row.problems.append(wrong)
        else:
            row.wanted[FIELDS[column]] = value
    return row


def _value(column: str, text: str, currency: str) -> tuple[Any, dict[str, Any] | None]:  # noqa: PLR0911 — a table
    if text == CLEAR:
        if column in MAY_BE_EMPTY:
            return MAY_BE_EMPTY[column], None
        return None, problem(column, "cell.clear")
    if column in {"price", "list_price"}:
        minor = parse_minor(text, currency)
        is_good = minor is not None and 1 <= minor <= PRICE_MAX_MINOR
        return minor, None if is_good else problem(column, "cell.number")
    if column in {"weight", "stock"}:
        limit = WEIGHT_MAX_GRAMS if column == "weight" else STOCK_MAX
        plain = text.replace(",", "")
        is_whole = plain.isascii() and plain.isdigit() and len(plain) <= len(str(limit))
        if not is_whole or int(plain) > limit:
            return None, problem(column, "cell.whole", limit=limit)
        return int(plain), None
    if column == "on_sale":
        choice = text.casefold()
        return choice in YES, None if choice in YES | NO else problem(column, "cell.choice")
    limit = TEXT_MAX.get(column, CELL_CHARS_MAX)
    return text, problem(column, "cell.long", limit=limit) if len(text) > limit else None


def standing(row: SheetRow, snapshot: Snapshot, key: str, on_hand: int) -> dict[str, Any]:
    """What stands now in the fields the row is about."""
    sku = snapshot["skus"][key]
    return {
        name: on_hand if name == ON_SHELF else snapshot[name] if name in OF_PRODUCT else sku[name]
        for name in row.wanted
    }


def compare(row: SheetRow, now: Mapping[str, Any], *, code: str = "field.overtaken") -> None:
    """Against what stands: same values go; values that differ from ``seen`` are problems."""
    for name in list(row.wanted):
        if now[name] == row.wanted[name]:
            continue
        if name in row.seen and row.seen[name] != now[name]:
            row.problems.append(problem(COLUMN_OF[name], code, now=shown(now[name])))


def shown(value: Any) -> str:
    return "—" if value is None or value == "" else str(value)


def changed(row: SheetRow, now: Mapping[str, Any]) -> dict[str, Any]:
    """The fields the row really changes."""
    return {name: value for name, value in row.wanted.items() if now[name] != value}


def check_agreement(rows: Sequence[SheetRow]) -> None:
    """Rows of one product must not set its own fields to different values."""
    first: dict[str, SheetRow] = {}
    for row in rows:
        for name in OF_PRODUCT & row.wanted.keys():
            before = first.setdefault(name, row)
            if before.wanted[name] != row.wanted[name]:
                row.problems.append(problem(COLUMN_OF[name], "rows.differ", first=before.row))


def check_figures(row: SheetRow, snapshot: Snapshot, key: str) -> None:
    """Prices as they would stand together."""
    sku = {**snapshot["skus"][key], **row.wanted}
    if not {"price_minor", "list_price_minor"} & row.wanted.keys():
        return
    for it in price_problems(sku["price_minor"], sku["list_price_minor"]):
        row.problems.append(problem(COLUMN_OF.get(it.field or "", ""), it.code, **it.facts))


def check_codes(rows: Mapping[str, SheetRow], snapshot: Snapshot) -> None:
    """A code once per product. ``rows`` by the options of their SKU."""
    codes = {key: sku["code"] for key, sku in snapshot["skus"].items()}
    codes |= {key: it.wanted["code"] for key, it in rows.items() if "code" in it.wanted}
    times = Counter(code for code in codes.values() if code)
    for it in rows.values():
        if times[it.wanted.get("code", "")] > 1:
            it.problems.append(problem("code", "catalogue.code_twice", code=it.wanted["code"]))


def target_of(snapshot: Snapshot, rows: Mapping[str, SheetRow]) -> dict[str, Any]:
    """The product with its good rows put in; the shelf is not part of it."""
    skus = dict(snapshot["skus"])
    result: dict[str, Any] = {**snapshot, "skus": skus}
    for key, row in rows.items():
        for name, value in row.wanted.items():
            if name in OF_PRODUCT:
                result[name] = value
            elif name != ON_SHELF:
                skus[key] = {**skus[key], name: value}
    return result
