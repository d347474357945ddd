"""CSV files as people have them: any of the usual encodings, some rows broken.

A broken row costs that row only: an open quote or a wrong number of cells is reported and reading
goes on with the next line.
"""

import gzip
import io
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from jishi.imports.types import Reports, Row, RowReport, Unreadable
from jishi.kit import csv_text
from jishi.kit.csv_text import Record, split_records

FILE_BYTES_MAX = 512 * 1024 * 1024  # unpacked
GZIP = b"\x1f\x8b"


@dataclass(frozen=True, slots=True)
class Table:
    """A file read: its columns, its good rows and its encoding."""

    name: str
    columns: tuple[str, ...]
    rows: list[Row]
    encoding: str


def read_table(path: Path, reports: Reports, *, needed: Sequence[str] = ()) -> Table:
    """The rows of a CSV file, plain or gzip. Broken rows go to ``reports``.

    Raises Unreadable: no file, unknown encoding, no header, a column of ``needed`` missing.
    """
    return parse_table(path.name, read_bytes(path), reports, needed=needed)


def parse_table(name: str, raw: bytes, reports: Reports, *, needed: Sequence[str] = ()) -> Table:
    text, encoding = decode(name, raw)
    records = split_records(text)
    header = next(records, Record((), is_closed=True))
    columns = tuple(cell.strip() for cell in header.cells)
    missing = [column for column in needed if column not in columns]
    if missing or not any(columns):
        raise Unreadable(f"{name}: the header lacks {', '.join(missing) or 'every column'}.")
    rows: list[Row] = []
    for number, record in enumerate(records, start=2):  # the header is row 1
        problem = _problem(record, columns)
        if problem:
            first = record.cells[0].strip()[:80] if record.cells else ""
            reports.add(_broken(name, number, first, *problem))
        elif any(cell.strip() for cell in record.cells):
            cells = (cell.strip() for cell in record.cells)
            rows.append(Row(name, number, dict(zip(columns, cells, strict=False))))
    return Table(name, columns, rows, encoding)


def read_bytes(path: Path) -> bytes:
    """The file's bytes, unpacked when it is gzip. Raises Unreadable when absent or too large."""
    try:
        raw = path.read_bytes()
        if raw.startswith(GZIP):
            with gzip.open(io.BytesIO(raw)) as packed:
                raw = packed.read(FILE_BYTES_MAX + 1)
    except FileNotFoundError:
        raise Unreadable(f"{path}: there is no such file.") from None
    except (OSError, EOFError, zlib.error) as problem:
        raise Unreadable(f"{path}: cannot be read ({problem}).") from None
    if len(raw) > FILE_BYTES_MAX:
        raise Unreadable(f"{path}: is larger than {FILE_BYTES_MAX // 1024 // 1024} MB.")
    return raw


def decode(name: str, raw: bytes) -> tuple[str, str]:
    """The text and the name of its encoding, as ``csv_text.decode``. Raises Unreadable."""
    try:
        return csv_text.decode(raw)
    except csv_text.NotText as problem:
        raise Unreadable(f"{name}: {problem}") from None


def _problem(record: Record, columns: Sequence[str]) -> tuple[str, str] | None:
    if not record.is_closed:
        return "row.open_quote", "A quotation mark is opened and never closed."
    cells = record.cells
    if not any(cell.strip() for cell in cells):
        return None  # an empty line
    if len(cells) != len(columns):
        return "row.cells", f"The row has {len(cells)} cells, the header {len(columns)}."
    if any("\x00" in cell for cell in cells):
        return "row.damaged", "The row holds a null character."
    return None


def _broken(name: str, number: int, first: str, code: str, message: str) -> RowReport:
    return RowReport(file=name, row=number, field="", code=code, message=message, value=first)
