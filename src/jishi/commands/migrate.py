"""``jishi migrate``: the database as this code needs it."""

import argparse
import json
from dataclasses import asdict

from jishi import settings
from jishi.commands import Subparsers, described
from jishi.db.embedded import open_database
from jishi.db.migrate import Done, State, migrate, state_of
from jishi.exits import Exit

TEXT = """\
Bring the database up to this code: schema, SQL functions, reference tables.
Repeating it changes nothing. Data are kept; going back is restoring a backup."""
EXAMPLES = """\
  jishi migrate
  jishi migrate --check        changes nothing; exit code 5 when something is missing
  jishi migrate --json         {"migrations": […], "functions": […], "tasks": […], "reference": […]}"""


def add_parser(subparsers: Subparsers) -> None:
    parser = described(subparsers, "migrate", TEXT, examples=EXAMPLES)
    parser.add_argument("--check", action="store_true", help="only say what is missing")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(args: argparse.Namespace) -> int:
    with open_database(settings.load()) as dsn:
        if args.check:
            return _check(state_of(dsn), as_json=args.json)
        done = migrate(dsn)
    if args.json:
        print(json.dumps(asdict(done)))
        return Exit.OK
    for name in done.migrations:
        print(f"applied  {name}")
    for name in (*done.functions, *done.tasks, *done.reference):
        print(f"renewed  {name}")
    if done == Done():
        print("The database is up to date.")
    return Exit.OK


def _check(state: State, *, as_json: bool) -> int:
    if as_json:
        missing, foreign = list(state.missing), list(state.foreign)
        print(json.dumps({"ok": state.is_current, "missing": missing, "newer": foreign}))
    else:
        for name in state.missing:
            print(f"missing  {name}")
        for name in state.foreign:
            print(f"newer    {name} (this code does not know it)")
        if state.is_current:
            print("The database is up to date.")
    return Exit.OK if state.is_current else Exit.WRONG_SCHEMA
