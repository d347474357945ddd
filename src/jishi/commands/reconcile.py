"""``jishi reconcile``: a provider's bill of a day beside the books."""

import argparse
import asyncio
import json
from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

from jishi import settings as all_settings
from jishi.clock import utc_now
from jishi.commands import Subparsers, described
from jishi.db import open_pool, transaction
from jishi.db.embedded import open_database
from jishi.db.migrate import require_current
from jishi.db.nodes import leased_maker
from jishi.exits import Exit, Stop
from jishi.flows.reconcile import Checked, check_bill, fetch_bill, flow, rules
from jishi.kit.errors import Refusal
from jishi.kit.money import format_plain
from jishi.modules.payments import close_providers, open_providers
from jishi.settings import Settings

TEXT: Final = """\
Compare a payment provider's bill of a day with payments and refunds.
Every difference is named and kept at /operator/reconcile until somebody explains it. The same file
again adds nothing. Without FILE the bill is fetched from the provider (--provider and --day)."""
EXAMPLES: Final = """\
  jishi reconcile 20261121.csv                          whose bill it is, and of which day, the file says
  jishi reconcile bill.zip --day 2026-11-21             a bill of another day is refused
  jishi reconcile --provider wechatpay --day 2026-11-21 fetch it first

exit codes: 0 nothing is open, 1 differences are open, 2 wrong use, or no bill that can be read"""
SHOWN_MAX: Final = 50


def add_parser(subparsers: Subparsers) -> None:
    parser = described(subparsers, "reconcile", TEXT, examples=EXAMPLES)
    parser.add_argument("file", nargs="?", metavar="FILE", help="the bill as the provider gives it")
    parser.add_argument("--provider", help="whose bill it is: sandbox, wechatpay, alipay, stripe")
    parser.add_argument("--day", metavar="YYYY-MM-DD", help="of which day it must be")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(args: argparse.Namespace) -> int:
    settings = all_settings.load()
    if args.file is None and not (args.provider and args.day):
        raise Stop(Exit.USAGE, "Name the FILE of a bill, or --provider and --day to fetch it.")
    day = _day(args.day)
    raw = _read(Path(args.file)) if args.file else None
    with open_database(settings) as dsn:
        require_current(dsn)
        try:
            checked = asyncio.run(_run(dsn, settings, args, raw, day))
        except Refusal as refusal:
            sentence = refusal.text.format(**refusal.facts) if refusal.facts else refusal.text
            raise Stop(Exit.USAGE, f"{args.file or args.provider}: {sentence}") from refusal
    _tell(checked, settings.currency, as_json=args.json)
    return Exit.CHECK_FAILED if checked.open_count else Exit.OK


async def _run(
    dsn: str, settings: Settings, args: argparse.Namespace, raw: bytes | None, day: date | None
) -> Checked:
    if raw is None:
        assert day is not None
        raw = await _fetched(settings, args.provider, day)
    bill = await flow.read(raw, settings, provider=args.provider, day=day)
    async with (
        await open_pool(dsn, size=2, application="jishi reconcile") as pool,
        leased_maker(pool) as maker,
        transaction(pool) as tx,
    ):
        return await check_bill(
            tx,
            bill,
            raw,
            file_name=args.file or f"{bill.provider}-{bill.day}",
            maker=maker,
            operator_id=None,
            now=datetime.now(UTC),
        )


async def _fetched(settings: Settings, name: str, day: date) -> bytes:
    providers = open_providers(settings, clock=utc_now)
    try:
        if name not in providers:
            known = ", ".join(providers)
            raise Stop(Exit.USAGE, f"--provider {name}: this market has {known}.")
        return await fetch_bill(providers[name], day)
    finally:
        await close_providers(providers)


def _tell(checked: Checked, currency: str, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(_facts(checked), ensure_ascii=False))
        return
    bill, totals = checked.bill, checked.totals
    print(f"{bill.provider}, {bill.day} ({bill.zone}), check {checked.id}")
    for name, theirs, ours in (
        ("payments", totals.their_paid_minor, totals.our_paid_minor),
        ("refunds", totals.their_refunded_minor, totals.our_refunded_minor),
        ("paid out", totals.their_paid_out_minor, totals.our_paid_out_minor),
        ("returned", totals.their_came_back_minor, totals.our_came_back_minor),
    ):
        if name in {"paid out", "returned"} and not (theirs or ours):
            continue  # most providers only take money
        shown = [format_plain(it, currency).rjust(16) for it in (theirs, ours, theirs - ours)]
        print(f"  {name:<9} bill {shown[0]}  books {shown[1]}  difference {shown[2]}")
    print(f"  fees      bill {format_plain(totals.their_fee_minor, currency).rjust(16)}")
    for it in checked.differences[:SHOWN_MAX]:
        sides = f"{format_plain(it.their_minor, currency)} / {format_plain(it.our_minor, currency)}"
        line = f" line {it.line}" if it.line else ""
        print(f"  {rules.opening_state(it):<6} {it.kind} {it.what} {it.number} {sides}{line}")
    if len(checked.differences) > SHOWN_MAX:
        print(
            f"  … {len(checked.differences) - SHOWN_MAX} more at /operator/reconcile/{checked.id}"
        )
    print(f"{checked.open_count} open" + ("" if checked.is_new else "; this bill was known"))


def _facts(checked: Checked) -> dict[str, Any]:
    return {
        "check_id": str(checked.id),
        "is_new": checked.is_new,
        "provider": checked.bill.provider,
        "day": str(checked.bill.day),
        "zone": checked.bill.zone,
        "totals": asdict(checked.totals),
        "states": checked.states,
        "differences": [
            {**asdict(it), "subject_id": str(it.subject_id) if it.subject_id else None}
            for it in checked.differences
        ],
    }


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise Stop(Exit.USAGE, f"--day {text} is no day; write YYYY-MM-DD.") from None


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as problem:
        raise Stop(Exit.USAGE, f"{path}: {problem.strerror}.") from None
