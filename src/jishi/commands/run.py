"""``jishi run``: the whole market with one command."""

import argparse

import psycopg

from jishi import settings, supervise
from jishi.commands import Subparsers, described
from jishi.demo.accounts import SIGN_INS

TEXT = """\
Open the market: database, schema, demo goods in an empty market, web, worker, payment sandbox.
Ctrl-C stops everything in order. What dies is started again."""
EXAMPLES = """\
  jishi run
  jishi run --no-demo                          an empty market stays empty
  JISHI_HOME=/srv/market JISHI_ENV=production jishi run --logs terminal"""


def add_parser(subparsers: Subparsers) -> None:
    parser = described(subparsers, "run", TEXT, examples=EXAMPLES)
    parser.add_argument("--no-demo", action="store_true", help="do not fill an empty market")
    parser.add_argument(
        "--logs",
        choices=("files", "terminal"),
        default="files",
        help="where web, worker and sandbox write: files below the home (default), or here",
    )


def run(args: argparse.Namespace) -> int:
    return supervise.run(
        settings.load(),
        fill=None if args.no_demo else _fill,
        sign_ins=() if args.no_demo else SIGN_INS,
        logs_to_terminal=args.logs == "terminal",
    )


def _fill(dsn: str, chosen: settings.Settings) -> None:
    """Demo goods for an empty market. The demo takes seconds to load, so look before."""
    if chosen.is_production or not _is_empty(dsn):
        return
    from jishi.demo.fill import fill_if_empty

    fill_if_empty(dsn, chosen)


def _is_empty(dsn: str) -> bool:
    with psycopg.connect(dsn) as link:
        return link.execute("SELECT FROM account LIMIT 1").fetchone() is None
