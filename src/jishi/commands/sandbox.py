"""``jishi sandbox``: the payment sandbox with the market's own key and ports."""

import argparse

from jishi import lifeline, settings
from jishi.commands import Subparsers, described

TEXT = """\
The payment sandbox on JISHI_HOST:JISHI_SANDBOX_PORT, its state below the home.
What follows `--` goes to `python -m jishi.sandbox` (see its --help)."""


def add_parser(subparsers: Subparsers) -> None:
    parser = described(subparsers, "sandbox", TEXT)
    parser.add_argument("more", nargs="*", metavar="-- option", help="options of the sandbox")


def run(args: argparse.Namespace) -> int:
    from jishi.sandbox.cli import main

    lifeline.follow_supervisor()
    return main([*arguments(settings.load()), *args.more])


def arguments(chosen: settings.Settings) -> list[str]:
    """The command line of ``jishi.sandbox`` for the market of these settings."""
    return [
        f"--host={chosen.host}",
        f"--port={chosen.sandbox_port}",
        f"--home={chosen.home / 'sandbox'}",
        f"--key-file={chosen.sandbox_key_file}",
    ]
