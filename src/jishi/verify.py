"""The invariants of the order book, each one query that returns what breaks it.

``jishi verify`` runs them all, and so does every flow test.
"""

import argparse
import asyncio
import json
import time
from dataclasses import asdict, dataclass
from typing import Final

from jishi import settings
from jishi.commands import Subparsers, described
from jishi.db import Pool, load_sql, open_pool
from jishi.db.embedded import open_database
from jishi.db.migrate import require_current
from jishi.exits import Exit

TEXT = """\
Check every invariant of the books: money, stock, orders, events. Changes nothing.
Exit code 1 when one is broken; the first rows that break it are shown."""
EXAMPLES = """\
  jishi verify
  jishi verify --json          {"ok": …, "checks": [{"name", "ok", "rows", "seconds", "sample"}]}"""

ROWS_SHOWN: Final = 5
SECONDS_MAX: Final = 600.0

# name → file under sql/verify, in the order of the design
NAMES: Final = (
    "transfers_sum_to_zero",
    "accounts_equal_postings",
    "accounts_above_floor",
    "money_held_adds_up",
    "escrow_equals_open_orders",
    "clearing_equals_open_refunds",
    "stock_adds_up",
    "holds_equal_unpaid_orders",
    "orders_equal_lines",
    "rules_equal_lines",
    "offers_equal_orders",
    "refunds_within_paid",
    "settled_equals_ledger",
    "payments_reach_orders",
    "doubles_go_back",
    "steps_follow_moves",
    "cases_equal_refunds",
    "cases_follow_moves",
    "keys_have_one_effect",
    "listeners_lose_nothing",
    "deposits_equal_ledger",
    "penalties_equal_ledger",
    "reviews_counted",
    "payouts_equal_clearing",
    "payouts_equal_paid",
    "payouts_follow_moves",
    "statements_re_add",
    "invoices_within_paid",
)


@dataclass(frozen=True, slots=True)
class Result:
    """One check: ``rows`` counts what breaks it, ``sample`` shows a few of them."""

    name: str
    ok: bool
    rows: int
    seconds: float
    sample: tuple[str, ...] = ()


def text_of(name: str) -> str:
    """The query of a check; it returns one row per breach, its first column saying which."""
    return load_sql(__package__, f"verify/{name}")


async def run_check(pool: Pool, name: str) -> Result:
    """Run one check in a read-only transaction of its own."""
    started = time.perf_counter()
    async with pool.acquire() as connection, connection.transaction(readonly=True):
        # Each check reads whole tables: hash them, also where statistics are still missing.
        await connection.execute("SET LOCAL work_mem = '256MB'")
        await connection.execute("SET LOCAL enable_nestloop = off")
        rows = await connection.fetch(text_of(name), timeout=SECONDS_MAX)
    spent = round(time.perf_counter() - started, 3)
    sample = tuple(str(dict(row)) for row in rows[:ROWS_SHOWN])
    return Result(name, not rows, len(rows), spent, sample)


async def run_checks(pool: Pool) -> list[Result]:
    """Every check, one after another."""
    return [await run_check(pool, name) for name in NAMES]


def add_parser(subparsers: Subparsers) -> None:
    parser = described(subparsers, "verify", TEXT, examples=EXAMPLES)
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(args: argparse.Namespace) -> int:
    with open_database(settings.load()) as dsn:
        require_current(dsn)
        results = asyncio.run(_run(dsn))
    ok = all(result.ok for result in results)
    if args.json:
        checks = [asdict(result) for result in results]
        print(json.dumps({"ok": ok, "checks": checks}, ensure_ascii=False))
        return Exit.OK if ok else Exit.CHECK_FAILED
    for result in results:
        said = "holds" if result.ok else f"BROKEN in {result.rows} rows"
        print(f"  {result.name.replace('_', ' '):<32} {said:<24} {result.seconds:7.3f} s")
        for row in result.sample:
            print(f"      {row}")
    print("The books are sound." if ok else "The books are NOT sound.")
    return Exit.OK if ok else Exit.CHECK_FAILED


async def _run(dsn: str) -> list[Result]:
    async with await open_pool(dsn, size=1, application="jishi verify") as pool:
        return await run_checks(pool)
