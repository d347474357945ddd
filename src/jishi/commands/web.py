"""``jishi web``: the web server alone."""

import argparse

from jishi import settings
from jishi.commands import Subparsers, described

TEXT = """\
Serve pages and the API on JISHI_HOST:JISHI_PORT with JISHI_WORKERS processes.
The database must be up to date (`jishi migrate`)."""
EXAMPLES = """\
  jishi migrate && JISHI_WORKERS=4 jishi web
  JISHI_HOST=0.0.0.0 JISHI_PORT=80 jishi web"""


def add_parser(subparsers: Subparsers) -> None:
    described(subparsers, "web", TEXT, examples=EXAMPLES)


def run(_args: argparse.Namespace) -> int:
    from jishi import web_server

    return web_server.serve(settings.load())
