"""``jishi worker``: events, timed jobs and work outside the database."""

import argparse

from jishi import lifeline, settings
from jishi.commands import Subparsers, described
from jishi.db.embedded import open_database
from jishi.db.migrate import require_current

TEXT = """\
Carry out what the market owes: listeners of events, timed jobs, calls to other systems.
Any number may run at once. The database must be up to date (`jishi migrate`)."""
EXAMPLES = """\
  jishi worker                 one more beside those of an open market
  JISHI_DATABASE_URL=postgresql://jishi@db.example/jishi jishi worker"""


def add_parser(subparsers: Subparsers) -> None:
    described(subparsers, "worker", TEXT, examples=EXAMPLES)


def run(_args: argparse.Namespace) -> int:
    from jishi.worker import run as work

    lifeline.follow_supervisor()
    chosen = settings.load()
    with open_database(chosen) as dsn:
        require_current(dsn)
        return work(chosen, dsn)
