"""``jishi import reviews``: reviews from elsewhere, into the products of one shop."""

import argparse
import asyncio
from pathlib import Path
from typing import Any

from jishi.db.embedded import open_database
from jishi.db.migrate import require_current
from jishi.imports import reviews
from jishi.imports.category_match import build_index
from jishi.imports.csv_files import read_table
from jishi.imports.report import Outcome
from jishi.imports.reviews_write import Writer
from jishi.imports.running import (
    connected,
    finish,
    only_one,
    progress,
    recorded,
    require_shop,
    shop_of,
)
from jishi.imports.types import Reports
from jishi.kit.ids import ShopId, cell_of
from jishi.settings import Settings

SOURCE = "reviews"


def add_source(sources: Any) -> argparse.ArgumentParser:
    """The sub-command; what every import takes is added by the caller."""
    parser: argparse.ArgumentParser = sources.add_parser(
        SOURCE, help="reviews with columns row, cat, label, review; shown as imported"
    )
    parser.add_argument("file", metavar="FILE", help="CSV, plain or gzip")
    parser.add_argument("--shop", required=True, metavar="SHOP_ID", help="whose goods they are of")
    return parser


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Raises Unreadable; Stop(USAGE) for a shop there is not."""
    shop_id = shop_of(args.shop)
    outcome = Outcome(SOURCE, args.dry_run, Reports())
    table = read_table(Path(args.file), outcome.reports, needed=reviews.NEEDED)
    groups = reviews.parse(table, outcome.reports)
    outcome.counters["read_reviews"] = sum(len(group.reviews) for group in groups)
    with open_database(settings) as dsn:
        require_current(dsn)
        asyncio.run(_write(dsn, args, shop_id, table.name, groups, outcome))
    return finish(outcome, settings, report=args.report, as_json=args.json)


async def _write(
    dsn: str,
    args: argparse.Namespace,
    shop_id: ShopId,
    file: str,
    groups: list[reviews.Group],
    outcome: Outcome,
) -> None:
    total = outcome.counters["read_reviews"]
    async with connected(dsn) as (pool, maker), only_one(pool, f"shop {shop_id}"):
        await require_shop(pool, shop_id)
        cell = cell_of(shop_id)
        around = recorded(pool, maker, outcome, cell=cell, origin=file, shop_id=shop_id)
        async with around as run:
            with progress(total, is_shown=not args.json) as step:
                writer = Writer(
                    pool,
                    maker,
                    shop_id,
                    build_index(),
                    run.now,
                    outcome.reports,
                    is_dry=args.dry_run,
                )
                await writer.write(file, groups, step)
            outcome.counters |= writer.counters
