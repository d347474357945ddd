"""XLSX and CSV files into rows of text. Pure; bounded in bytes, rows, columns and cells."""

import io
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

from jishi.flows.edit_by_sheet.types import (
    ALIASES,
    CELLS,
    COLUMNS,
    COLUMNS_MAX,
    FIELDS,
    FILE_BYTES_MAX,
    FORMULA,
    PARTS_MAX,
    QUOTE,
    ROWS_MAX,
    UNPACKED_BYTES_MAX,
    ColumnsMissing,
    ColumnTwice,
    FileTooLarge,
    FileUnreadable,
    NoRows,
    Read,
    TooManySheetRows,
)
from jishi.kit import csv_text

ZIP: Final = b"PK\x03\x04"
LINES_MAX: Final = 2 * ROWS_MAX  # of a sheet, empty ones included
HEAD: Final = 2_048  # bytes of a part in which a document type would stand


def read_file(raw: bytes, headings: Mapping[str, str]) -> Read:
    """``headings``: folded heading → column key, of every language.

    Raises FileTooLarge, FileUnreadable, ColumnsMissing, ColumnTwice, TooManySheetRows, NoRows.
    """
    if len(raw) > FILE_BYTES_MAX:
        raise FileTooLarge(field="file", limit_mb=FILE_BYTES_MAX // 2**20)
    lines = _xlsx(raw) if raw.startswith(ZIP) else _csv(raw)
    number, head = next(lines, (0, []))
    keys, strange = _keys(head, headings)
    rows: list[tuple[int, dict[str, str]]] = []
    for number, cells in lines:
        if not any(it.strip() for it in cells):
            continue
        if len(rows) == ROWS_MAX:
            raise TooManySheetRows(field="file", limit=ROWS_MAX)
        rows.append((number, _by_key(cells, keys)))
    if not rows:
        raise NoRows(field="file")
    return Read(rows, strange, columns=len(keys))


def _keys(head: Sequence[str], headings: Mapping[str, str]) -> tuple[list[str | None], list[str]]:
    names = [it.strip().strip("\ufeff") for it in head]
    keys = [headings.get(fold(it)) for it in names]
    known = [it for it in keys if it]
    twice = next((it for it in known if known.count(it) > 1), None)
    if twice:
        raise ColumnTwice(field="file", column=names[keys.index(twice)])
    is_named = "sku_id" in known or "code" in known
    if not is_named or not set(known) & set(FIELDS):
        raise ColumnsMissing(field="file")
    strange = [name[:80] for name, key in zip(names, keys, strict=True) if name and not key]
    return keys, strange[:COLUMNS_MAX]


def _by_key(cells: Sequence[str], keys: Sequence[str | None]) -> dict[str, str]:
    if cells[0] == QUOTE:
        return {QUOTE: "1"}
    if len(cells) > len(keys) and any(it.strip() for it in cells[len(keys) :]):
        return {CELLS: str(len(cells))}
    return {
        key: _plain(cell) for key, cell in zip(keys, cells, strict=False) if key and cell.strip()
    }


def _plain(cell: str) -> str:
    """Without what spreadsheets and our own download put around a value."""
    text = cell.strip()
    return text[1:] if text[:1] == "'" and len(text) > 1 else text


def fold(heading: str) -> str:
    return " ".join(heading.casefold().replace("_", " ").split())


def headings_of(*languages: Mapping[str, str]) -> dict[str, str]:
    """Folded headings of the languages, and the keys themselves, by what they stand for."""
    found: dict[str, str] = {**{fold(key): key for key in COLUMNS}, **ALIASES}
    for language in languages:
        found |= {fold(name): key for key, name in language.items()}
    return found


def _csv(raw: bytes) -> Iterator[tuple[int, list[str]]]:
    try:
        text, _encoding = csv_text.decode(raw)
    except csv_text.NotText:
        raise FileUnreadable(field="file") from None
    if "\x00" in text:
        raise FileUnreadable(field="file")
    head = text.partition("\n")[0]
    between = "\t" if "\t" in head and "," not in head else ","
    for number, record in enumerate(csv_text.split_records(text, between=between), 1):
        cells = [_marked(it, it.lstrip().startswith(("=", "＝"))) for it in record.cells]
        yield number, cells if record.is_closed else [QUOTE]


def _xlsx(raw: bytes) -> Iterator[tuple[int, list[str]]]:
    from openpyxl import load_workbook  # takes long to load, and few processes read a sheet

    _check_package(raw)
    try:
        book = load_workbook(io.BytesIO(raw), read_only=True, data_only=False, keep_links=False)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # what the file says of its own size is not believed
        for number, line in enumerate(sheet.iter_rows(max_col=COLUMNS_MAX), 1):
            if number > LINES_MAX:
                raise TooManySheetRows(field="file", limit=ROWS_MAX)  # noqa: TRY301
            yield number, [_marked(_text(it.value), it.data_type == "f") for it in line]
    except TooManySheetRows:
        raise
    except Exception as problem:
        raise FileUnreadable(field="file") from problem


def _check_package(raw: bytes) -> None:
    """A package that unpacks to too much, or declares entities, is not opened."""
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as package:
            parts = package.infolist()
            unpacked = sum(it.file_size for it in parts)
            if len(parts) > PARTS_MAX or unpacked > UNPACKED_BYTES_MAX:
                raise FileTooLarge(field="file", limit_mb=UNPACKED_BYTES_MAX // 2**20)
            for part in parts:
                with package.open(part) as stream:
                    if b"<!DOCTYPE" in stream.read(HEAD).upper():
                        raise FileUnreadable(field="file")
    except (zipfile.BadZipFile, NotImplementedError, OSError, RuntimeError) as problem:
        raise FileUnreadable(field="file") from problem


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else format(value, ".10g")
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value)


def _marked(text: str, is_formula: bool) -> str:  # noqa: FBT001
    return FORMULA + text if is_formula else text.replace("\x00", "")
