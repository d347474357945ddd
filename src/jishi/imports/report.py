"""What an import says at its end: a table for people, one JSON object, a CSV file by row."""

import csv
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

from rich.console import Console
from rich.table import Table

from jishi.imports.types import Reports, RowReport, Weight

SHOWN = 10  # refused rows printed; all stand in the CSV file
COLUMNS = ("file", "row", "field", "weight", "code", "message", "value")


@dataclass(slots=True)
class Outcome:
    """One import as it went. ``counters`` keep the order they are shown in."""

    source: str
    is_dry: bool
    reports: Reports
    counters: dict[str, int] = field(default_factory=dict)
    notes: Mapping[str, int] = field(default_factory=dict)  # oddities by name
    run_id: int | None = None

    @property
    def is_clean(self) -> bool:
        return not any(it.weight is Weight.REFUSED for it in self.reports.items)

    def as_json(self, file: Path | None) -> dict[str, Any]:
        return {
            "ok": self.is_clean,
            "source": self.source,
            "dry_run": self.is_dry,
            "run_id": str(self.run_id) if self.run_id else None,
            "counters": self.counters,
            "notes": dict(self.notes),
            "remarks": dict(self.reports.by_code()),
            "refused_rows": self.reports.refused_rows,
            "report": str(file) if file else None,
        }


def write_csv(reports: Reports, file: Path) -> None:
    """Every remark as a row, in UTF-8 with a mark so that spreadsheets read it right."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", encoding="utf-8-sig", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(COLUMNS)
        writer.writerows([_harmless(getattr(it, name)) for name in COLUMNS] for it in reports.items)


def tell(outcome: Outcome, file: Path | None, *, as_json: bool, out: TextIO = sys.stdout) -> None:
    if as_json:
        print(json.dumps(outcome.as_json(file), ensure_ascii=False), file=out)
        return
    console = Console(file=out)
    head = "would be taken in (dry run)" if outcome.is_dry else "taken in"
    table = Table("", head, title=f"jishi import {outcome.source}", title_justify="left")
    for name, count in {**outcome.counters, **outcome.notes}.items():
        table.add_row(name.replace("_", " "), f"{count:,}")
    console.print(table)
    _tell_remarks(outcome.reports, console)
    if file:
        console.print(f"Every remark by row: {file}", soft_wrap=True)


def _tell_remarks(reports: Reports, console: Console) -> None:
    refused = [it for it in reports.items if it.weight is Weight.REFUSED]
    if reports.items:
        table = Table("remark", "rows")
        for code, count in reports.by_code().items():
            table.add_row(code, f"{count:,}")
        console.print(table)
    for it in refused[:SHOWN]:
        console.print(_line(it), style="red", markup=False, soft_wrap=True)
    if len(refused) > SHOWN:
        console.print(f"… and {len(refused) - SHOWN:,} more")


def _line(it: RowReport) -> str:
    return f"{it.file} row {it.row} {it.field}: {it.message} [{it.code}]"


def _harmless(value: object) -> object:
    """A cell that a spreadsheet will not take for a formula."""
    text = str(value)
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t"} else value
