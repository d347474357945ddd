"""Does a command cost more in a larger market? The same ones at growing numbers of orders."""

import random
import statistics
import time
from collections.abc import Sequence
from typing import Any, Final

from rich.console import Console
from rich.progress import track

from jishi.bench import engine
from jishi.bench.market import PRICE_MINOR, Town, opened
from jishi.bench.site import People, running, settle_in
from jishi.bench.wire import Connection
from jishi.db import Pool, load_sql
from jishi.kit.ids import EPOCH_MS, IdMaker

TURNS: Final = 40  # of each command and page, per size
# Right after a checkpoint the first change of every page is logged whole; that passes with use.
WARM_TURNS: Final = 200
BUYERS: Final = 20  # of the past: each has a full page of orders at every size
BATCH: Final = 32
FILL_BATCH: Final = 20_000
PAST_MS: Final = 90 * 86_400_000  # the oldest order made up
_FILL: Final = load_sql(__package__, "fill_orders")
_COUNT: Final = "SELECT count(*) FROM sale_order"
_GOODS: Final = """
SELECT k.id, k.shop_id, k.product_id, s.warehouse_id FROM sku k
JOIN stock s ON s.cell = k.cell AND s.sku_id = k.id WHERE k.id = ANY($1)
"""


async def run(dsn: str, *, sizes: Sequence[int], workers: int) -> dict[str, Any]:
    """Median milliseconds by command and size, and the ratio of the largest size to the smallest.

    Commands are batches of 32 through the engine, pages single requests over HTTP.
    """
    async with opened(dsn) as (pool, maker):
        town, people = await settle_in(
            pool, maker, buyers=2000, shops=40, skus=20, stock=1_000_000_000
        )
        costs: list[dict[str, float]] = []
        for size in sizes:
            await fill(pool, maker, town, size)
            with running(dsn, workers=workers) as site:
                costs.append(await _measure(pool, maker, town, people, site.port))
        smallest, largest = costs[0], costs[-1]
        return {
            "ratios": {name: round(largest[name] / smallest[name], 2) for name in smallest},
            "median_ms": dict(zip(map(str, sizes), costs, strict=True)),
        }


async def fill(pool: Pool, maker: IdMaker, town: Town, size: int) -> None:
    """Bring the market to ``size`` orders by completed ones of the past."""
    have = await pool.fetchval(_COUNT)
    rows = await pool.fetch(_GOODS, [each.sku_id for each in town.goods])
    goods = [
        [row[name] for row in rows] for name in ("id", "shop_id", "product_id", "warehouse_id")
    ]
    buyers = [account_id for account_id, _ in town.buyers[:BUYERS]]
    first_ms = maker.newest_ms - EPOCH_MS - PAST_MS
    node = (maker.make(0) >> 6) & 255
    steps = range(have, size, FILL_BATCH)
    console = Console(stderr=True)
    for start in track(steps, f"to {size:,} orders", console=console, transient=True):
        count = min(FILL_BATCH, size - start)
        async with pool.acquire() as connection, connection.transaction():
            await connection.execute("SET LOCAL synchronous_commit = off")
            await connection.execute(
                _FILL, *goods, buyers, start, count, first_ms, node, PRICE_MINOR, 60, timeout=600
            )
    await pool.execute("VACUUM ANALYZE", timeout=1800)
    await pool.execute("CHECKPOINT", timeout=600)


async def _measure(
    pool: Pool, maker: IdMaker, town: Town, people: People, port: int
) -> dict[str, float]:
    tally = engine.Tally()
    chance = random.Random(1)
    for _ in range(WARM_TURNS):
        await engine.live(pool, maker, town, engine.Tally(), BATCH, chance)
    for _ in range(TURNS):
        await engine.live(pool, maker, town, tally, BATCH, chance)
    medians = {name: _median_ms(spent) for name, spent in tally.seconds.items()}
    connection = await Connection.open("127.0.0.1", port)
    shop_id = town.goods[0].shop_id
    for name, path, token in (
        ("order_list", "/orders", people.buyers[0][0]),
        ("shop_order_list", f"/merchant/{shop_id}/orders", people.owner),
        ("funds_page", f"/merchant/{shop_id}/funds", people.owner),
    ):
        medians[name] = await _page(connection, path, token)
    connection.close()
    return medians


async def _page(connection: Connection, path: str, token: str) -> float:
    headers = {"authorization": f"Bearer {token}"}
    spent = []
    for _ in range(TURNS + 3):
        started = time.perf_counter()
        status, _ = await connection.get(path, headers)
        spent.append(time.perf_counter() - started)
        if status != 200:  # noqa: PLR2004
            raise RuntimeError(f"{path} answered {status}")
    return _median_ms(spent[3:])


def _median_ms(seconds: Sequence[float]) -> float:
    return round(statistics.median(seconds) * 1000, 3)
