"""A file of reviews (columns row, cat, label, review), read into what can be taken over.

How it is read:
- ``row`` numbers the review where it came from; with its text it is what the review is known by, so a
  file of another name, or a part of the file, brings nothing twice.
- ``cat`` is the group: one product per group. ``label`` is 1 for good, taken as five stars, or 0 for
  bad, taken as one star; there is nothing between.
- A text longer than a review may be is cut, with a note; a row without text, number, group or label is
  refused.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2s
from typing import Final

from jishi.imports.csv_files import Table
from jishi.imports.types import Reports, Row, Weight
from jishi.kit.text import clean, clean_lines
from jishi.modules.catalogue.types import TITLE_MAX
from jishi.modules.reviews.types import TEXT_MAX, Imported

NEEDED: Final = ("row", "cat", "label", "review")
STARS: Final[Mapping[str, int]] = {"1": 5, "0": 1}
DIGITS_MAX: Final = 12
MARK: Final = "\ufeff"  # a byte order mark that was kept within a text


@dataclass(frozen=True, slots=True)
class Group:
    """Reviews of one group in the order of the file."""

    name: str
    row: int  # where it stands first
    reviews: list[Imported]


def parse(table: Table, reports: Reports) -> list[Group]:
    """The groups of a file, in the order of their first rows. Remarks go to ``reports``."""
    found: dict[str, Group] = {}
    for row in table.rows:
        read = _read(row, reports)
        if read is not None:
            name, review = read
            found.setdefault(name, Group(name, row.number, [])).reviews.append(review)
    return list(found.values())


def _read(row: Row, reports: Reports) -> tuple[str, Imported] | None:
    name, text = clean(row["cat"]), clean_lines(row["review"].replace(MARK, ""))
    problems = [
        ("row", "row.number", "The number of the row is none.", not _is_number(row["row"])),
        ("cat", "cat.missing", "The row names no group.", not name),
        ("cat", "cat.too_long", f"At most {TITLE_MAX} characters.", len(name) > TITLE_MAX),
        ("label", "label.unknown", "The label is neither 1 nor 0.", row["label"] not in STARS),
        ("review", "review.missing", "The row has no text.", not text),
    ]
    wrong = [(column, code, message) for column, code, message, is_wrong in problems if is_wrong]
    for column, code, message in wrong:
        reports.add(row.remark(column, code, message))
    if wrong:
        return None
    if len(text) > TEXT_MAX:
        message = f"The text was cut to {TEXT_MAX} characters."
        reports.add(row.remark("review", "review.cut", message, Weight.NOTE))
    external_id = f"{int(row['row'])}:{_digest(name, text)}"
    return name, Imported(external_id=external_id, stars=STARS[row["label"]], text=text[:TEXT_MAX])


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= DIGITS_MAX


def _digest(*parts: str) -> str:
    return blake2s("\0".join(parts).encode(), digest_size=10).hexdigest()
