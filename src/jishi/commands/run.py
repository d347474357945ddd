"""``jishi run``: the whole market with one command."""

import argparse

from jishi import settings, supervise
from jishi.commands import Subparsers, described

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
        settings.load(), with_demo=not args.no_demo, logs_to_terminal=args.logs == "terminal"
    )
