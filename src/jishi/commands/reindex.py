"""``jishi reindex``: what goods are found by, written anew."""

import argparse
import asyncio
import json
from datetime import UTC, datetime
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

from jishi import settings
from jishi.commands import Subparsers, described
from jishi.db import Pool, open_pool, transaction
from jishi.db.embedded import open_database
from jishi.db.migrate import require_current
from jishi.exits import Exit
from jishi.modules.search import service

TEXT = """\
Write anew what goods are found by, shop goods and words alike. The market stays open meanwhile.
Stopped in the middle, the next call goes on where it was; --anew begins again."""
EXAMPLES = """\
  jishi reindex
  jishi reindex --anew --json"""

WALK: Final = "reindex"
CHUNK: Final = 500
MOVED: Final = 5_000
SECONDS_MAX: Final = 600.0


def add_parser(subparsers: Subparsers) -> None:
    parser = described(subparsers, "reindex", TEXT, examples=EXAMPLES)
    parser.add_argument(
        "--anew", action="store_true", help="from the start, also when one was stopped"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(args: argparse.Namespace) -> int:
    with open_database(settings.load()) as dsn:
        require_current(dsn)
        done = asyncio.run(_run(dsn, anew=args.anew, quiet=args.json))
    if args.json:
        print(json.dumps(done))
    else:
        print(f"{done['products']:,} products looked at, {done['listed']:,} of them listed.")
    return Exit.OK


async def _run(dsn: str, *, anew: bool, quiet: bool) -> dict[str, int]:
    async with await open_pool(dsn, size=2, application="jishi reindex") as pool:
        return await reindex(pool, anew=anew, console=Console(stderr=True, quiet=quiet))


async def reindex(pool: Pool, *, anew: bool, console: Console) -> dict[str, int]:
    """Every product in chunks of 500, a transaction each; then tiers and counts of words."""
    now = datetime.now(UTC)
    async with transaction(pool) as tx:
        await service.open_walk(tx, WALK, anew=anew, now=now)
        total, before = await service.walk_size(tx, WALK)
    done = {"products": before, "listed": 0}
    columns = ("{task.description}", BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console) as progress:
        bar = progress.add_task("products", total=max(total, before), completed=before)
        while True:
            async with transaction(pool) as tx:
                found = await service.catch_up(tx, WALK, limit=CHUNK, everything=True, now=now)
            if not found:
                break
            done["products"] += found[0]
            done["listed"] += found[1]
            progress.update(bar, completed=done["products"])
    await _settle(pool)
    return done


async def _settle(pool: Pool) -> None:
    async with pool.acquire() as connection:
        await connection.execute("ANALYZE search_entry", timeout=SECONDS_MAX)
    moved = 1
    while moved:
        async with transaction(pool) as tx:
            moved = await service.settle_tiers(tx, limit=MOVED)
    async with transaction(pool) as tx:
        await service.recount(tx)
