"""CSV as people have it: any of the usual encodings, broken quotes. Pure."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

RECORD_LINES_MAX: Final = 2_000  # a description with line breaks is one record over many lines
CELL_CHARS_MAX: Final = 1_000_000
BOMS: Final = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)


class NotText(Exception):  # noqa: N818 — an answer about a file
    """The bytes are no text; the message says why."""


def decode(raw: bytes) -> tuple[str, str]:
    """The text and the name of its encoding: by its mark, else UTF-8, else GB18030 (covers GBK).

    Raises NotText when it is none of them.
    """
    for mark, encoding in BOMS:
        if raw.startswith(mark):
            try:
                return raw.decode(encoding), encoding
            except UnicodeDecodeError as problem:
                raise NotText(f"is marked {encoding} but is not ({problem.reason}).") from None
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding), encoding
        except UnicodeDecodeError:
            continue
    raise NotText("the text is neither UTF-8, UTF-16 nor GB18030 (GBK).")


@dataclass(frozen=True, slots=True)
class Record:
    cells: tuple[str, ...]
    is_closed: bool  # False: a quote was opened and never closed


def split_records(text: str, *, between: str = ",") -> Iterator[Record]:
    """Records in order, ``between`` their cells.

    One that stays open, or whose cells do not add up to the header's number though it spans lines,
    is given back as its first line alone; reading goes on after that line.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if lines and not lines[-1]:
        lines.pop()
    at, width = 0, 0
    while at < len(lines):
        end, cells = at + 1, _cells(lines[at], between)
        if cells is None:
            end = _end_of_record(lines, at)
            cells = _cells("\n".join(lines[at:end]), between)
            if cells is not None and width and len(cells) != width:
                cells = None
        if cells is None:
            yield Record(_cells(lines[at], between, is_strict=False) or (), is_closed=False)
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


def _cells(record: str, between: str, *, is_strict: bool = True) -> tuple[str, ...] | None:
    """The cells of one record; None when its quotes are not those of a CSV file."""
    csv.field_size_limit(CELL_CHARS_MAX)
    *before, last = record.split("\n")
    lines = [*(f"{line}\n" for line in before), last]
    try:
        return tuple(next(csv.reader(lines, delimiter=between, strict=is_strict), ()))
    except csv.Error:
        return None
