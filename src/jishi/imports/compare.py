"""``--check``: the figures of files beside the market's own."""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from jishi.exits import Exit

Totals = Mapping[str, Any]  # by name: a count, an amount, or more of them inside


def compare(files: Totals, market: Totals, problems: Sequence[str], *, as_json: bool) -> int:
    """Tell where the two differ and what is wrong with the books; the exit code."""
    unlike = list(differences(files, market))
    is_ok = not (unlike or problems)
    if as_json:
        differ = [
            {"figure": name, "files": theirs, "market": ours} for name, theirs, ours in unlike
        ]
        found = {"ok": is_ok, "differ": differ, "books": problems, "market": market}
        sys.stdout.write(json.dumps(found) + "\n")
    else:
        _tell(files, market, unlike, problems)
    return Exit.OK if is_ok else Exit.CHECK_FAILED


def differences(files: Totals, market: Totals) -> Iterator[tuple[str, Any, Any]]:
    """``(figure, files, market)`` wherever the two disagree; figures nested by a dot."""
    found = dict(_flat(market))
    for name, theirs in _flat(files):
        ours = found.get(name)
        if ours != theirs:
            yield name, theirs, ours


def _flat(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _flat(inner, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list):
        for at, inner in enumerate(value):
            yield from _flat(inner, f"{path}[{at}]")
    else:
        yield path, value


def _tell(
    files: Totals, market: Totals, unlike: Sequence[tuple[str, Any, Any]], problems: Sequence[str]
) -> None:
    console = Console()
    table = Table("figure", "files", "market", title="jishi import --check")
    for name, theirs in files.items():
        if isinstance(theirs, int):
            table.add_row(name, f"{theirs:,}", f"{market.get(name, 0):,}")
    console.print(table)
    for name, theirs, ours in unlike:
        console.print(f"{name}: files {theirs}, market {ours}", style="red", markup=False)
    for problem in problems:
        console.print(problem, style="red", markup=False)
    if not (unlike or problems):
        console.print("Files and market agree, and the books with both.")
