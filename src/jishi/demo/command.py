"""``jishi demo``: fill an empty market, or let simulated people use an open one."""

import argparse
import asyncio
import json
import signal
import sys
import time
from urllib.parse import urlsplit

from jishi import settings
from jishi.commands import Subparsers, described
from jishi.db.embedded import open_database
from jishi.db.migrate import require_current
from jishi.exits import Exit, Stop
from jishi.settings import Settings, read_key

TEXT = """\
Fill an empty market with shops, goods, people and a month of orders; or, with --live, let
simulated people browse, buy, pay, ship and confirm in an open market, over HTTP.
With --live the exit code is 1 when something went wrong that should not have."""
EXAMPLES = """\
  jishi demo                                   fill the empty market of ./market
  jishi demo --live --rate 30                  thirty checkouts a minute until Ctrl-C
  jishi demo --live --minutes 2 --json         two minutes, then one JSON object
  JISHI_LIMIT_FACTOR=0 jishi run               a market that lets a whole town sign in at once"""
RATE_MAX = 100_000.0


def add_parser(subparsers: Subparsers) -> None:
    parser = described(subparsers, "demo", TEXT, examples=EXAMPLES)
    parser.add_argument("--live", action="store_true", help="let the town use an open market")
    parser.add_argument(
        "--rate", type=_rate, default=12.0, metavar="N", help="checkouts a minute (12)"
    )
    parser.add_argument("--minutes", type=_minutes, metavar="N", help="how long; else until Ctrl-C")
    parser.add_argument("--url", type=_url, help="address of the market; else what JISHI_… says")
    parser.add_argument("--seed", default="", help="another seed, another market or crowd")
    parser.add_argument("--json", action="store_true", help="end with one JSON object")
    parser.add_argument("--yes", action="store_true", help="fill a market in production, too")


def run(args: argparse.Namespace) -> int:
    chosen = settings.load()
    return _live(args, chosen) if args.live else _fill(args, chosen)


def _fill(args: argparse.Namespace, chosen: Settings) -> int:
    from jishi.demo.fill import SEED, fill

    if chosen.is_production and not args.yes:
        told = "This market is in production; demo people have passwords everyone knows."
        raise Stop(Exit.USAGE, f"{told} `jishi demo --yes` fills it all the same.")
    with open_database(chosen) as dsn:
        require_current(dsn)
        filled = asyncio.run(fill(dsn, chosen, seed=args.seed or SEED))
    if filled is None:
        raise Stop(Exit.CHECK_FAILED, "The market is not empty; the demo only fills an empty one.")
    figures = {name: getattr(filled, name) for name in filled.__slots__}
    if args.json:
        _say(json.dumps(figures))
    else:
        _say("Filled: " + ", ".join(f"{count:.10g} {name}" for name, count in figures.items()))
    return Exit.OK


def _live(args: argparse.Namespace, chosen: Settings) -> int:
    from jishi.demo.town import Town, TownPlan, run_town

    plan = TownPlan(
        url=args.url or chosen.base_url,
        sandbox_key=read_key(chosen.sandbox_key_file),
        rate=args.rate,
        minutes=args.minutes,
        seed=args.seed,
    )

    def stop_on_signal(town: Town) -> None:
        loop = asyncio.get_running_loop()
        for each in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(each, town.stop.set)

    began = time.monotonic()
    _require_market(plan.url)
    tally = asyncio.run(run_town(plan, ready=stop_on_signal))
    seconds = time.monotonic() - began
    sys.stderr.write(("\n" if sys.stderr.isatty() else "") + tally.line(seconds) + "\n")
    for sample in tally.errors[:10]:
        sys.stderr.write(f"  {sample}\n")
    if tally.refused["limited"]:
        sys.stderr.write("  Sign-ins were limited; JISHI_LIMIT_FACTOR=0 jishi run lifts that.\n")
    if args.json:
        _say(json.dumps(tally.summary(seconds), ensure_ascii=False))
    return Exit.CHECK_FAILED if tally.error_count else Exit.OK


def _require_market(url: str) -> None:
    import httpx

    try:
        answer = httpx.get(f"{url}/health", trust_env=False, timeout=5)
        answer.raise_for_status()
    except httpx.HTTPError:
        told = f"No market answers at {url}. Open one with `jishi run`, or name it with --url."
        raise Stop(Exit.USAGE, told) from None


def _rate(text: str) -> float:
    return _between(text, 0.1, RATE_MAX, "checkouts a minute")


def _minutes(text: str) -> float:
    return _between(text, 0.01, 100_000, "minutes")


def _between(text: str, low: float, high: float, what: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not low <= value <= high:
        raise argparse.ArgumentTypeError(f"{what}: a number from {low:g} to {high:g}")
    return value


def _url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        raise argparse.ArgumentTypeError("an address such as http://127.0.0.1:8000")
    return f"{parts.scheme}://{parts.netloc}"


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
