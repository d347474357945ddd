"""``jishi sandbox``: the payment sandbox with the market's own key and ports."""

import argparse
from urllib.parse import urlsplit

from jishi import lifeline, settings
from jishi.commands import Subparsers, described

TEXT = """\
The payment sandbox on JISHI_HOST:JISHI_SANDBOX_PORT, its state below the home.
What follows `--` goes to `python -m jishi.sandbox` (see its --help)."""
EXAMPLES = """\
  jishi sandbox
  jishi sandbox -- --public-url https://pay.market.example --allow market.example"""


def add_parser(subparsers: Subparsers) -> None:
    parser = described(subparsers, "sandbox", TEXT, examples=EXAMPLES)
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
        f"--zone={chosen.zone}",
        *(f"--allow={host}" for host in hosts_called(chosen)),
    ]


def hosts_called(chosen: settings.Settings) -> list[str]:
    """What the sandbox may call besides this machine: where payers come back to, and its news go."""
    near = f"http://{settings.reachable(chosen.host)}:{chosen.port}"
    return sorted({urlsplit(url).netloc for url in (chosen.base_url, near)})
