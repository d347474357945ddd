"""``jishi bench``: figures of this machine, from a market made for it and thrown away."""

import argparse
from collections.abc import Awaitable, Callable
from typing import Any

import uvloop

from jishi import verify
from jishi.app import settle_memory
from jishi.bench import catalogue, engine, flash, growth, hot_sku, http, reviews
from jishi.bench.figures import machine, show
from jishi.bench.market import database
from jishi.commands import Subparsers, described
from jishi.db import open_pool
from jishi.exits import Exit

TEXT = """\
Measure orders a second on this machine.
Each benchmark starts a market of its own (fsync on), measures, checks the books and throws it away;
--database measures a market that exists, with rows of its own, and leaves them there.

  engine    full lives of orders in batches, no HTTP; beside it the floor
  http      the same over HTTP, load generator on the same machine; beside it the floor
  hot-sku   one SKU, few pieces, many buyers at once
  flash     a flash sale: few units, many requests, and what an ordinary shop beside it notices
  growth    the same commands and pages at 1,000, 100,000 and 1,000,000 orders
  catalogue search, facets and category lists over very many goods
  reviews   every sort and filter of reviews, of --file or 100,000 made up on one product
  floor     one order at a time, and the least PostgreSQL does for a commit"""
EXAMPLES = """\
  jishi bench http --seconds 60
  jishi bench engine --batch 64 --json
  jishi bench growth --sizes 1000,100000"""

Measured = dict[str, Any]


def add_parser(subparsers: Subparsers) -> None:
    parser = described(subparsers, "bench", TEXT, examples=EXAMPLES)
    parser.add_argument(
        "what",
        nargs="?",
        default="http",
        choices=["engine", "http", "hot-sku", "flash", "growth", "catalogue", "reviews", "floor"],
    )
    parser.add_argument("--seconds", type=float, default=20.0, help="how long to measure (20)")
    parser.add_argument("--database", metavar="URL", help="measure this market")
    parser.add_argument("--batch", type=int, default=256, help="engine: orders a batch (256)")
    parser.add_argument("--lanes", type=int, default=2, help="engine: connections (2)")
    parser.add_argument("--connections", type=int, default=64, help="http: buyers at once (64)")
    parser.add_argument("--workers", type=int, default=1, help="web processes (1)")
    parser.add_argument("--stock", type=int, default=500, help="hot-sku: pieces (500)")
    parser.add_argument(
        "--products", type=int, default=1_000_000, help="catalogue: goods (1000000)"
    )
    parser.add_argument(
        "--concurrency", type=int, default=8, help="catalogue: visitors at once (8)"
    )
    parser.add_argument("--reviews", type=int, default=100_000, help="reviews: how many (100000)")
    parser.add_argument("--file", help="reviews: a file as `jishi import reviews` takes it")
    parser.add_argument("--units", type=int, default=1000, help="flash: units of the sale (1000)")
    parser.add_argument("--requests", type=int, default=5000, help="flash: requests (5000)")
    parser.add_argument("--sizes", default="1000,100000,1000000", help="growth: numbers of orders")
    parser.add_argument("--no-floor", action="store_true", help="leave the floor out")
    parser.add_argument("--no-verify", action="store_true", help="do not check the books after")
    parser.add_argument("--json", action="store_true", help="one JSON object last on stdout")


def run(args: argparse.Namespace) -> int:
    """Exit code 1 when orders went wrong or the books are not sound afterwards."""
    settle_memory()
    with database(args.database) as dsn:
        figures = {
            "benchmark": args.what,
            "machine": machine(),
            **uvloop.run(_awaited(_run(args, dsn))),
        }
        if not args.no_verify:
            figures["broken_invariants"] = uvloop.run(_broken(dsn))
    show(figures, as_json=args.json)
    wrong = figures.get("errors") or figures.get("broken_invariants")
    return Exit.CHECK_FAILED if wrong else Exit.OK


def _run(args: argparse.Namespace, dsn: str) -> Awaitable[Measured]:
    runs: dict[str, Callable[[], Awaitable[Measured]]] = {
        "engine": lambda: engine.run(
            dsn,
            seconds=args.seconds,
            batch=args.batch,
            lanes=args.lanes,
            with_floor=not args.no_floor,
        ),
        "floor": lambda: engine.run(dsn, seconds=args.seconds, batch=1, lanes=4, with_floor=True),
        "http": lambda: http.run(
            dsn,
            seconds=args.seconds,
            connections=args.connections,
            workers=args.workers,
            with_floor=not args.no_floor,
        ),
        "hot-sku": lambda: hot_sku.run(
            dsn,
            seconds=args.seconds,
            buyers=args.connections,
            stock=args.stock,
            workers=args.workers,
        ),
        "catalogue": lambda: catalogue.run(
            dsn,
            products=args.products,
            seconds=args.seconds,
            concurrency=args.concurrency,
            workers=args.workers,
        ),
        "reviews": lambda: reviews.run(
            dsn, file=args.file, count=args.reviews, workers=args.workers
        ),
        "flash": lambda: flash.run(
            dsn,
            seconds=args.seconds,
            connections=args.connections,
            units=args.units,
            requests=args.requests,
            workers=args.workers,
        ),
        "growth": lambda: growth.run(
            dsn, sizes=[int(size) for size in args.sizes.split(",")], workers=args.workers
        ),
    }
    return runs[args.what]()


async def _broken(dsn: str) -> list[str]:
    pool = await open_pool(dsn, size=1, application="jishi verify")
    try:
        return [result.name for result in await verify.run_checks(pool) if not result.ok]
    finally:
        await pool.close()


async def _awaited(work: Awaitable[Measured]) -> Measured:
    return await work
