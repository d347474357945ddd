"""Files merchants open in a spreadsheet. Pure."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any, Final

BOM: Final = "\ufeff"  # Excel takes a file without it for the local 8-bit code
# A cell that begins like this may be run as a formula. Source: OWASP, CSV Injection.
RISKY: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def cell(value: Any) -> str:
    """A value as a cell. Text that could be run as a formula gets an apostrophe in front."""
    if value is None:
        return ""
    if isinstance(value, int):
        return str(value)
    text = str(value).replace("\x00", "")
    return "'" + text if text.startswith(RISKY) else text


def number(digits: int | str) -> str:
    """A long number that must stay text: the tab behind it keeps a spreadsheet from rounding it."""
    return f"{digits}\t" if digits else ""


def lines(rows: Iterable[Sequence[str]]) -> str:
    """Rows as CSV with the line ends spreadsheets expect."""
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\r\n").writerows(rows)
    return out.getvalue()
