"""The words of this flow: columns, and why a file or a row is refused."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from jishi.kit.errors import Kind, Refusal
from jishi.kit.text import mark as _

FILE_BYTES_MAX: Final = 10 * 1024 * 1024
UNPACKED_BYTES_MAX: Final = 80 * 1024 * 1024
PARTS_MAX: Final = 500  # files inside an XLSX
ROWS_MAX: Final = 10_000
COLUMNS_MAX: Final = 60
CELL_CHARS_MAX: Final = 2_000
UNDO_WITHIN: Final = timedelta(days=30)
CLEAR: Final = "-"
FORMULA: Final = "\x00="  # before what a cell would compute; no cell can hold it
CELLS: Final = "\x00cells"  # key of a row whose cells do not fit the headings
QUOTE: Final = "\x00quote"  # key of a row whose quote stays open
TASK: Final = "sheets.work"

# key → heading; a file may use the key or the heading of either language
COLUMNS: Final[Mapping[str, str]] = {
    "sku_id": _("SKU number"),
    "product_id": _("Product number"),
    "options": _("Options"),
    "state": _("State"),
    "title": _("Title"),
    "title_en": _("Title in English"),
    "brand": _("Brand"),
    "category": _("Category code"),
    "code": _("Code"),
    "price": _("Price"),
    "list_price": _("Earlier price"),
    "weight": _("Weight g"),
    "stock": _("On the shelf"),
    "on_sale": _("Sell"),
}
# what people call columns besides
ALIASES: Final[Mapping[str, str]] = {
    "价格": "price",
    "售价": "price",
    "划线价": "list_price",
    "原价": "list_price",
    "库存": "stock",
    "stock": "stock",
    "重量": "weight",
    "编码": "code",
    "商家编码": "code",
    "sku code": "code",
    "标题": "title",
    "名称": "title",
    "品牌": "brand",
    "类目": "category",
}
# column → field of a snapshot (or of the shelf)
FIELDS: Final[Mapping[str, str]] = {
    "title": "title",
    "title_en": "title_en",
    "brand": "brand",
    "category": "category_id",
    "code": "code",
    "price": "price_minor",
    "list_price": "list_price_minor",
    "weight": "weight_grams",
    "stock": "on_hand",
    "on_sale": "enabled",
}
COLUMN_OF: Final[Mapping[str, str]] = {it: column for column, it in FIELDS.items()}
OF_PRODUCT: Final = frozenset({"title", "title_en", "brand", "category_id"})
ON_SHELF: Final = "on_hand"


@dataclass(frozen=True, slots=True)
class Read:
    """A file read: rows with their numbers and cells by column key; ``strange``: columns nobody knows.

    ``columns``: how many headings it has.
    """

    rows: list[tuple[int, dict[str, str]]]
    strange: list[str]
    columns: int


class FileMissing(Refusal):
    code, text = "sheets.file_missing", "Choose a file first."


class FileTooLarge(Refusal):
    kind, code = Kind.TOO_LARGE, "sheets.file_too_large"
    text = "The file is larger than {limit_mb} MB, packed or unpacked."


class FileUnreadable(Refusal):
    code, text = (
        "sheets.file_unreadable",
        "This is no spreadsheet we can read. Save it as XLSX or CSV.",
    )


class ColumnsMissing(Refusal):
    code = "sheets.columns_missing"
    text = (
        "The first row must name the columns; “SKU number” or “Code” is needed, and one to change."
    )


class ColumnTwice(Refusal):
    code, text = "sheets.column_twice", "The column “{column}” stands there twice."


class TooManySheetRows(Refusal):
    kind, code = Kind.TOO_LARGE, "sheets.too_many_rows"
    text = "At most {limit} rows in one file."


class NoRows(Refusal):
    code, text = "sheets.no_rows", "There are no rows below the headings."


class SheetMoved(Refusal):
    kind, code = Kind.CONFLICT, "sheets.moved"
    text = "This upload was confirmed, dropped or undone already."


class NothingToApply(Refusal):
    kind, code = Kind.CONFLICT, "sheets.nothing_to_apply"
    text = "No row of this upload changes anything."


class SheetHasWrongRows(Refusal):
    kind, code = Kind.CONFLICT, "sheets.has_wrong_rows"
    text = "{count} rows are wrong, and you asked for all or nothing."


class UndoTooLate(Refusal):
    kind, code = Kind.CONFLICT, "sheets.undo_too_late"
    text = "An upload can be undone within {days} days."


# of a row; code → words
ROW_PROBLEMS: Final[Mapping[str, str]] = {
    "sku.missing": _("The row names no SKU."),
    "sku.unknown": _("This SKU is not among the shop's goods."),
    "sku.twice": _("Row {first} is about the same SKU."),
    "sku.other_product": _("This SKU is of product {product_id}."),
    "code.ambiguous": _("Several SKUs have this code; write the SKU number."),
    "row.cells": _("The row has {cells} cells, the headings {columns}."),
    "row.open_quote": _("A quotation mark is opened and never closed."),
    "cell.formula": _("A formula stands here; write the value."),
    "cell.long": _("At most {limit} characters."),
    "cell.number": _("This is no amount of money."),
    "cell.whole": _("Write a whole number from 0 to {limit}."),
    "cell.choice": _("Write yes or no."),
    "cell.clear": _("This cannot be empty."),
    "cell.category": _("There is no such category, or it has levels below."),
    "rows.differ": _("Row {first} of the same product says something else."),
    "field.overtaken": _("Someone changed this since the file was checked: it is {now} now."),
    "field.changed_since": _("Someone changed this since; it stays {now}."),
    "audit.over": _("The audit of this edit is over; it stays."),
}
