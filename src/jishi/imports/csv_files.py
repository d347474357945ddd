"""CSV files as people have them: any of the usual encodings, some rows broken.

A broken row costs that row only: an open quote or a wrong number of cells is reported and reading
goes on with the next line.
"""

import csv
import gzip
import io
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from jishi.imports.types import Reports, Row, RowReport, Unreadable

FILE_BYTES_MAX = 512 * 1024 * 1024  # unpacked
RECORD_LINES_MAX = 2_000  # a description with line breaks is one record over many lines
CELL_CHARS_MAX = 1_000_000
GZIP = b"\x1f\x8b"
BOMS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)


@dataclass(frozen=True, slots=True)
class Table:
    """A file read: its columns, its good rows, how many records it had, and its encoding."""

    name: str
    columns: tuple[str, ...]
    rows: list[Row]
    records: int
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
    number = 1
    for record in records:
        number += 1
        problem = _problem(record, columns)
        if problem:
            first = record.cells[0].strip()[:80] if record.cells else ""
            reports.add(_broken(name, number, first, *problem))
        elif any(cell.strip() for cell in record.cells):
            cells = (cell.strip() for cell in record.cells)
            rows.append(Row(name, number, dict(zip(columns, cells, strict=False))))
    return Table(name, columns, rows, number - 1, encoding)


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
    """The text and the name of its encoding: by its mark, else UTF-8, else GB18030 (covers GBK).

    Raises Unreadable when it is none of them.
    """
    for mark, encoding in BOMS:
        if raw.startswith(mark):
            return _decoded(name, raw, encoding), encoding
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding), encoding
        except UnicodeDecodeError:
            continue
    raise Unreadable(f"{name}: the text is neither UTF-8, UTF-16 nor GB18030 (GBK).")


@dataclass(frozen=True, slots=True)
class Record:
    cells: tuple[str, ...]
    is_closed: bool  # False: a quote was opened and never closed


def split_records(text: str) -> Iterator[Record]:
    """Records in order. One that stays open, or whose cells do not add up to the header's number
    though it spans lines, is given back as its first line alone; reading goes on after that line.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if lines and not lines[-1]:
        lines.pop()
    at, width = 0, 0
    while at < len(lines):
        end, cells = at + 1, _cells(lines[at])
        if cells is None:
            end = _end_of_record(lines, at)
            cells = _cells("\n".join(lines[at:end]))
            if cells is not None and width and len(cells) != width:
                cells = None
        if cells is None:
            yield Record(_cells(lines[at], is_strict=False) or (), is_closed=False)
            at += 1
        else:
            width = width or len(cells)
            yield Record(cells, is_closed=True)
            at = end


def _end_of_record(lines: Sequence[str], start: int) -> int:
    """Just past the line on which every quote opened since ``start`` is closed, if there is one."""
    is_open = False
    for at in range(start, min(start + RECORD_LINES_MAX, len(lines))):
        is_open ^= lines[at].count('"') % 2 == 1
        if not is_open:
            return at + 1
    return start + 1


def _cells(record: str, *, is_strict: bool = True) -> tuple[str, ...] | None:
    """The cells of one record; None when its quotes are not those of a CSV file."""
    csv.field_size_limit(CELL_CHARS_MAX)
    try:
        return tuple(next(csv.reader(io.StringIO(record, newline=""), strict=is_strict), ()))
    except csv.Error:
        return None


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


def _decoded(name: str, raw: bytes, encoding: str) -> str:
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError as problem:
        raise Unreadable(f"{name}: is marked {encoding} but is not ({problem.reason}).") from None
