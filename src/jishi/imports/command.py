"""``jishi import``: a catalogue or an order book from elsewhere."""

import argparse
import asyncio
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Protocol

from jishi import settings as all_settings
from jishi.commands import Subparsers, described
from jishi.db import Tx, reading
from jishi.db.embedded import open_database
from jishi.db.migrate import require_current
from jishi.exits import Exit, Stop
from jishi.imports import (
    olist,
    olist_check,
    olist_import,
    online_retail,
    online_retail_check,
    online_retail_plan,
    online_retail_world,
    online_retail_write,
    reviews_command,
    shopify,
)
from jishi.imports.category_match import build_index
from jishi.imports.compare import Totals, compare
from jishi.imports.csv_files import read_table
from jishi.imports.olist_orders import SOURCE as OLIST
from jishi.imports.olist_world import PERSON, SELLER, SKU
from jishi.imports.report import Outcome
from jishi.imports.running import (
    connected,
    finish,
    only_one,
    progress,
    recorded,
    require_shop,
    shop_of,
    terms_of,
)
from jishi.imports.shopify_write import Writer
from jishi.imports.types import Reports, Unreadable
from jishi.kit.ids import ShopId, cell_of
from jishi.settings import Settings

TEXT = """\
Bring a catalogue or orders from elsewhere.
Prices and amounts are read as the market's currency (JISHI_CURRENCY). Rows that cannot be taken
over are refused one by one and listed with the reason; the rest is taken in. A run that was
stopped goes on where it stood, and a run of the same files adds nothing."""
EXAMPLES = """\
  jishi import shopify products.csv --shop 7123456789 --dry-run
  jishi import shopify products-*.csv --shop 7123456789 --report remarks.csv
  jishi import olist ./olist                  orders with their whole history
  jishi import olist ./olist --check          compare files and market, change nothing
  jishi import online-retail online-retail.csv.gz
  jishi import reviews reviews.csv.gz --shop 7123456789

exit codes: 0 all taken in, 1 rows were refused or figures differ, 2 wrong use, unreadable file"""


def add_parser(subparsers: Subparsers) -> None:
    parser = described(subparsers, "import", TEXT, examples=EXAMPLES)
    sources = parser.add_subparsers(dest="source", metavar="source", required=True)
    from_shopify = sources.add_parser("shopify", help="product CSV files of Shopify")
    from_shopify.add_argument("files", nargs="+", metavar="FILE", help="CSV, plain or gzip")
    from_shopify.add_argument(
        "--shop", required=True, metavar="SHOP_ID", help="whose goods they are"
    )
    from_olist = sources.add_parser("olist", help="the Olist data set: orders with their history")
    from_olist.add_argument("folder", metavar="DIR", help="where olist_…_dataset.csv(.gz) stand")
    from_olist.add_argument(
        "--check", action="store_true", help="compare the files' figures with the market's"
    )
    from_retail = sources.add_parser(
        "online-retail", help="the UCI Online Retail data set: invoices with returns"
    )
    from_retail.add_argument("file", metavar="FILE", help="CSV, plain or gzip")
    from_retail.add_argument("--shop", metavar="SHOP_ID", help="whose sales they are; else its own")
    from_retail.add_argument(
        "--check", action="store_true", help="compare the file's figures with the market's"
    )
    from_reviews = reviews_command.add_source(sources)
    for source in (from_shopify, from_olist, from_retail, from_reviews):
        source.add_argument("--dry-run", action="store_true", help="say what would be taken in")
        source.add_argument("--json", action="store_true", help="print one JSON object")
        source.add_argument("--report", metavar="FILE", help="where every remark goes, row by row")


def run(args: argparse.Namespace) -> int:
    settings = all_settings.load()
    try:
        if args.source == "shopify":
            return _shopify(args, settings)
        if args.source == reviews_command.SOURCE:
            return reviews_command.run(args, settings)
        if args.source == "online-retail":
            return _online_retail(args, settings)
        return _olist(args, settings)
    except Unreadable as problem:
        raise Stop(Exit.USAGE, str(problem)) from None


def _shopify(args: argparse.Namespace, settings: Settings) -> int:
    shop_id = shop_of(args.shop)
    outcome = Outcome("shopify", args.dry_run, Reports())
    categories = build_index()
    parsed: list[tuple[str, list[shopify.Product]]] = []
    for name in args.files:
        table = read_table(Path(name), outcome.reports, needed=shopify.NEEDED)
        found = shopify.parse(table, categories, outcome.reports, currency=settings.currency)
        parsed.append((table.name, found))
    outcome.counters["read_products"] = sum(len(found) for _, found in parsed)
    with open_database(settings) as dsn:
        require_current(dsn)
        asyncio.run(_write_shopify(dsn, args, shop_id, parsed, outcome))
    return finish(outcome, settings, report=args.report, as_json=args.json)


async def _write_shopify(
    dsn: str,
    args: argparse.Namespace,
    shop_id: ShopId,
    parsed: list[tuple[str, list[shopify.Product]]],
    outcome: Outcome,
) -> None:
    total = outcome.counters["read_products"]
    async with connected(dsn) as (pool, maker), only_one(pool, f"shop {shop_id}"):
        await require_shop(pool, shop_id)
        origin = " ".join(Path(name).name for name in args.files)
        cell = cell_of(shop_id)
        around = recorded(pool, maker, outcome, cell=cell, origin=origin, shop_id=shop_id)
        async with around as run:
            with progress(total, is_shown=not args.json) as step:
                writer = Writer(
                    pool, maker, shop_id, run.id, run.now, outcome.reports, is_dry=args.dry_run
                )
                for name, products in parsed:
                    await writer.write(name, products, step)
            outcome.counters |= writer.counters


def _olist(args: argparse.Namespace, settings: Settings) -> int:
    outcome = Outcome(OLIST, args.dry_run, Reports())
    dataset = olist.read_folder(Path(args.folder), outcome.reports)
    if args.check:
        files = olist_check.totals_of(dataset.orders)
        return _check(settings, olist_check, files, as_json=args.json)
    window = timedelta(minutes=settings.unpaid_minutes)
    plans = olist_import.plan_all(dataset.orders, unpaid_window=window)
    if args.dry_run:
        _count(outcome, plans, olist_import.world_counters(dataset))
    else:
        with open_database(settings) as dsn:
            require_current(dsn)
            asyncio.run(_write_olist(dsn, args, settings, dataset, plans, outcome))
    return finish(outcome, settings, report=args.report, as_json=args.json)


async def _write_olist(
    dsn: str,
    args: argparse.Namespace,
    settings: Settings,
    dataset: olist.Dataset,
    plans: list[olist_import.Plan],
    outcome: Outcome,
) -> None:
    async with connected(dsn) as (pool, maker), only_one(pool, outcome.source):
        around = recorded(pool, maker, outcome, cell=0, origin=args.folder, shop_id=None)
        async with around as run:
            terms = terms_of(run, settings)
            with progress(olist_import.steps_of(dataset), is_shown=not args.json) as step:
                new, made = await olist_import.take_in_all(pool, maker, dataset, plans, terms, step)
            _count(outcome, new, made)
            outcome.counters["orders_known_before"] = len(plans) - len(new)


def _count(outcome: Outcome, plans: Sequence[olist_import.Plan], made: Mapping[str, int]) -> None:
    names = {"people": PERSON, "shops": SELLER, "products": SKU}
    outcome.counters |= {name: made.get(kind, 0) for name, kind in names.items()}
    outcome.counters |= olist_import.counters_of(plans)
    outcome.notes = olist_import.oddities_of(plans)


def _online_retail(args: argparse.Namespace, settings: Settings) -> int:
    shop_id = shop_of(args.shop) if args.shop else None
    outcome = Outcome(online_retail_world.SOURCE, args.dry_run, Reports())
    invoices = online_retail.read_file(Path(args.file), outcome.reports)
    if args.check:
        files = online_retail_check.totals_of(invoices)
        return _check(settings, online_retail_check, files, as_json=args.json)
    plans = online_retail_plan.plan_all(invoices)
    if args.dry_run:
        outcome.counters |= online_retail_plan.counters_of(plans)
        outcome.notes = online_retail_plan.reasons_of(plans)
    else:
        with open_database(settings) as dsn:
            require_current(dsn)
            asyncio.run(_write_online_retail(dsn, args, settings, plans, outcome, shop_id))
    return finish(outcome, settings, report=args.report, as_json=args.json)


async def _write_online_retail(
    dsn: str,
    args: argparse.Namespace,
    settings: Settings,
    plans: list[online_retail_world.Plan],
    outcome: Outcome,
    shop_id: ShopId | None,
) -> None:
    async with connected(dsn) as (pool, maker), only_one(pool, outcome.source):
        if shop_id is not None:
            await require_shop(pool, shop_id)
        around = recorded(pool, maker, outcome, cell=0, origin=args.file, shop_id=shop_id)
        async with around as run:
            terms = terms_of(run, settings)
            steps = len(plans) + online_retail_world.steps_before(plans)
            with progress(steps, is_shown=not args.json) as step:
                new, made = await online_retail_write.take_in_all(
                    pool, maker, plans, terms, step, shop_id=shop_id
                )
            outcome.counters |= {name.partition(".")[2]: count for name, count in made.items()}
            outcome.counters |= online_retail_plan.counters_of(new)
            outcome.counters["invoices_known_before"] = len(plans) - len(new)
            outcome.notes = online_retail_plan.reasons_of(new)


class Checked(Protocol):
    """A source that can be found again in the market."""

    async def totals_of_market(self, tx: Tx) -> Totals: ...
    def book_problems(self, market: Totals) -> Iterable[str]: ...


def _check(settings: Settings, source: Checked, files: Totals, *, as_json: bool) -> int:
    async def market_of(dsn: str) -> Totals:
        async with connected(dsn) as (pool, _), reading(pool) as tx:
            return await source.totals_of_market(tx)

    with open_database(settings) as dsn:
        require_current(dsn)
        market = asyncio.run(market_of(dsn))
    return compare(files, market, list(source.book_problems(market)), as_json=as_json)
