"""``jishi doctor``: settings, versions, and what is wrong here. Changes nothing."""

import argparse
import json
import os
import platform
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass

import psycopg

from jishi import settings
from jishi.commands import Subparsers, described, version
from jishi.db.embedded import FREE_BYTES_MIN, EmbeddedPostgres
from jishi.db.migrate import State, state_of
from jishi.exits import Exit, Stop
from jishi.web_server import require_free_port

TEXT = """\
Show every setting with its meaning (secrets masked), versions, and what is wrong here.
Changes nothing and starts nothing; exit code 1 when a check fails."""
EXAMPLES = """\
  jishi doctor
  JISHI_PORT=80 jishi doctor   would this setting do?
  jishi doctor --json          {"ok": …, "jishi": …, "settings": […], "checks": […]}"""


@dataclass(frozen=True, slots=True)
class Check:
    name: str
    ok: bool
    finding: str


def add_parser(subparsers: Subparsers) -> None:
    parser = described(subparsers, "doctor", TEXT, examples=EXAMPLES)
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(args: argparse.Namespace) -> int:
    chosen = settings.load()
    rows, checks = list(settings.rows(chosen)), list(_checks(chosen))
    ok = all(check.ok for check in checks)
    if args.json:
        told = {"settings": [asdict(row) for row in rows], "checks": [asdict(c) for c in checks]}
        print(json.dumps({"ok": ok, "jishi": version(), **told}, ensure_ascii=False))
    else:
        _print(rows, checks)
    return Exit.OK if ok else Exit.CHECK_FAILED


def _print(rows: list[settings.Row], checks: list[Check]) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console()
    table = Table("setting", "value", "unit", "meaning", box=None, pad_edge=False)
    for row in rows:
        value = row.value if row.is_default else f"[bold]{row.value}[/bold]"
        table.add_row(row.variable, value, row.unit, row.meaning)
    console.print(table)
    console.print(f"\njishi {version()}, Python {platform.python_version()}\n")
    for check in checks:
        mark = "[green]ok[/green]   " if check.ok else "[red]wrong[/red]"
        console.print(f"{mark} {check.name}: {check.finding}")


def _checks(chosen: settings.Settings) -> Iterator[Check]:
    yield _home(chosen)
    server = EmbeddedPostgres(chosen.home)
    running = server.is_running()
    if chosen.database_url:
        yield from _database(chosen.database_url)
    elif running:
        yield from _database(server.dsn())
    else:
        made = "not running; `jishi run` starts it" if server.data.exists() else "not made yet"
        yield Check("database", True, f"embedded, {made}")
    if not running:
        yield _port(chosen, chosen.port, "JISHI_PORT")
        yield _port(chosen, chosen.sandbox_port, "JISHI_SANDBOX_PORT")


def _home(chosen: settings.Settings) -> Check:
    folder = next(one for one in (chosen.home, *chosen.home.parents) if one.exists())
    free = shutil.disk_usage(folder).free
    may_write = os.access(folder, os.W_OK)
    finding = f"{chosen.home}, {free >> 30} GB free" + ("" if may_write else ", not writable")
    return Check("home", may_write and free > FREE_BYTES_MIN, finding)


def _database(dsn: str) -> Iterator[Check]:
    try:
        state = state_of(dsn)
        with psycopg.connect(dsn) as link:
            version = link.info.server_version // 10_000
    except Stop as stop:
        yield Check("database", False, stop.sentence)
        return
    yield Check("database", True, f"PostgreSQL {version} at {settings.masked(dsn)}")
    yield Check("schema", state.is_current, _schema(state))


def _schema(state: State) -> str:
    if state.foreign:
        return f"newer than this code: {state.foreign[-1]}"
    if state.missing:
        return f"{len(state.missing)} changes behind; run `jishi migrate`"
    return f"up to date ({state.applied[-1] if state.applied else 'empty'})"


def _port(chosen: settings.Settings, port: int, variable: str) -> Check:
    try:
        require_free_port(chosen.host, port, variable)
    except Stop as stop:
        return Check("port", False, stop.sentence)
    return Check("port", True, f"{port} on {chosen.host} is free")
