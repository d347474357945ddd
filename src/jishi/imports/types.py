"""The words every import shares."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Weight(StrEnum):
    """What a remark about a row means for it."""

    REFUSED = "refused"  # the row, or what it belongs to, was not taken over
    NOTE = "note"  # taken over, changed as the message says


@dataclass(frozen=True, slots=True, kw_only=True)
class RowReport:
    """One remark about one row. ``row`` counts as spreadsheets do: the header is row 1."""

    file: str
    row: int
    field: str  # column as the file names it; empty when it is about the whole row
    code: str  # stable: "price.invalid"
    message: str  # English
    weight: Weight = Weight.REFUSED
    value: str = ""  # what stood there, cut to 80 characters


@dataclass(slots=True)
class Reports:
    """The remarks of one run, in the order they were made."""

    items: list[RowReport] = field(default_factory=list)

    def add(self, report: RowReport) -> None:
        self.items.append(report)

    @property
    def refused_rows(self) -> int:
        """Rows with at least one refusal."""
        return len({(it.file, it.row) for it in self.items if it.weight is Weight.REFUSED})

    def by_code(self) -> Mapping[str, int]:
        return dict(sorted(Counter(it.code for it in self.items).items()))


@dataclass(frozen=True, slots=True)
class Row:
    """One record of a CSV file: cells by column name, stripped. Missing columns read as empty."""

    file: str
    number: int
    cells: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")

    def remark(
        self, column: str, code: str, message: str, weight: Weight = Weight.REFUSED
    ) -> RowReport:
        return RowReport(
            file=self.file,
            row=self.number,
            field=column,
            code=code,
            message=message,
            weight=weight,
            value=self[column][:80],
        )


class Unreadable(Exception):  # noqa: N818 — the sentence is shown to whoever runs the import
    """A file as a whole cannot be read: unknown encoding, missing columns, too large."""
