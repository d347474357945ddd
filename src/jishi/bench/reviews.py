"""Pages of reviews over very many of them: each order and filter, first pages and deep ones, over HTTP.

With a file they are those of the file, by ``jishi import reviews``; without one they are made up, all
of one product.
"""

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import msgspec

from jishi.bench.figures import percentile
from jishi.bench.market import opened
from jishi.bench.site import running, settle_in
from jishi.bench.wire import Connection
from jishi.db import Pool, load_sql, transaction
from jishi.imports import reviews as reading
from jishi.imports.category_match import build_index
from jishi.imports.csv_files import read_table
from jishi.imports.reviews_write import Writer
from jishi.imports.types import Reports
from jishi.kit.ids import EPOCH_MS, IdMaker, ProductId, ReviewId, ShopId, cell_of
from jishi.modules import reviews

TURNS: Final = 60  # of each page
WARM_TURNS: Final = 5
CHUNK: Final = 10_000
DEPTH: Final = 25  # pages below the first
SKUS: Final = 12
PAST_MS: Final = 150 * 86_400_000
VOTED: Final = 300
WORDS: Final = (
    *(
        "质量",
        "很好",
        "包装",
        "完整",
        "物流",
        "快",
        "客服",
        "耐心",
        "颜色",
        "和图片",
        "一样",
        "尺码",
    ),
    *(
        "偏小",
        "面料",
        "舒服",
        "味道",
        "不错",
        "价格",
        "合适",
        "下次",
        "再来",
        "一般",
        "有点",
        "失望",
    ),
    *(
        "做工",
        "细致",
        "送人",
        "体面",
        "性价比",
        "高",
        "声音",
        "清楚",
        "电池",
        "耐用",
        "屏幕",
        "清晰",
    ),
)
FILTERS: Final = ("", "pictured", "follow_up", "good", "middling", "poor")
_SEED: Final = load_sql(__package__, "seed_reviews")
_SKUS: Final = """
INSERT INTO sku (cell, id, product_id, shop_id, options, price_minor, on_sale, position, updated_at)
SELECT $1, k.id, $2, $3, ARRAY['款式 ' || at], 9900, true, at, $5
FROM unnest($4::bigint[]) WITH ORDINALITY k (id, at)
"""
_VOTES: Final = """
INSERT INTO review_vote (cell, review_id, account_id, is_helpful, is_trusted, voted_at)
SELECT r.cell, r.id, v, v % 5 <> 0, true, $3 FROM (
    SELECT cell, id FROM review WHERE cell = $1 AND product_id = $2 ORDER BY id LIMIT $4) r
CROSS JOIN generate_series(1, 20) v
"""
_OF_PRODUCT: Final = """
SELECT id FROM review WHERE cell = $1 AND product_id = $2 ORDER BY id LIMIT $3
"""
_PRODUCTS: Final = """
SELECT product_id, bought + imported AS reviews FROM review_summary
WHERE cell = $1 AND shop_id = $2 ORDER BY 2 DESC LIMIT 2
"""


async def run(dsn: str, *, file: str | None, count: int, workers: int) -> dict[str, Any]:
    """Milliseconds (p50, p95) by page; ``errors`` counts answers that were none."""
    async with opened(dsn) as (pool, maker):
        town, _ = await settle_in(pool, maker, buyers=4, shops=1, skus=1, stock=1000)
        shop_id = town.goods[0].shop_id
        started = time.perf_counter()
        if file:
            await bring(pool, maker, shop_id, Path(file))
        else:
            await make(pool, maker, shop_id, town.goods[0].sku_id, count)
        spent = time.perf_counter() - started
        await pool.execute("VACUUM ANALYZE review, review_vote, review_summary, review_sku_summary")
        rows = await pool.fetch(_PRODUCTS, cell_of(shop_id), shop_id)
        total = await pool.fetchval("SELECT count(*) FROM review WHERE shop_id = $1", shop_id)
        sku_id = await pool.fetchval(
            "SELECT sku_id FROM review_sku_summary WHERE cell = $1 LIMIT 1", cell_of(shop_id)
        )
        paths = [path for row in rows for path in pages_of(row["product_id"], sku_id)]
        with running(dsn, workers=workers) as site:
            figures, errors = await measure(site.port, [*paths, f"/s/{shop_id}"])
    worst = max(figures.values(), key=lambda it: it["p95_ms"])
    return {
        "reviews": total,
        "reviews_by_product": [row["reviews"] for row in rows],
        "source": "file" if file else "made up",
        "filled_seconds": round(spent, 1),
        "worst_p95_ms": worst["p95_ms"],
        "pages": figures,
        "errors": errors,
    }


def pages_of(product_id: int, sku_id: int | None) -> list[str]:
    """Every list of a product, its own page, and the same for programs."""
    lists = [
        f"{base}?sort={sort}&filter={name}"
        for base in (f"/p/{product_id}/reviews", f"/api/v1/products/{product_id}/reviews")
        for sort in ("best", "newest")
        for name in FILTERS
    ]
    if sku_id:
        lists += [
            f"/p/{product_id}/reviews?sort={it}&filter=sku&sku={sku_id}"
            for it in ("best", "newest")
        ]
    return [f"/p/{product_id}", *lists]


async def measure(port: int, paths: list[str]) -> tuple[dict[str, dict[str, float]], int]:
    """Each page by itself, one request after another; lists for programs a second time, deep."""
    connection = await Connection.open("127.0.0.1", port)
    figures: dict[str, dict[str, float]] = {}
    errors = 0
    for path in paths:
        figures[path], wrong = await _timed(connection, path)
        errors += wrong
        if path.startswith("/api/"):
            deep = await _deep(connection, path)
            if deep:
                figures[f"{path}&cursor=…"], wrong = await _timed(connection, deep)
                errors += wrong
    connection.close()
    return figures, errors


async def _timed(connection: Connection, path: str) -> tuple[dict[str, float], int]:
    spent: list[float] = []
    errors = 0
    for turn in range(WARM_TURNS + TURNS):
        started = time.perf_counter()
        status, _ = await connection.get(path, {"accept-language": "zh-CN"})
        if turn >= WARM_TURNS:
            spent.append(time.perf_counter() - started)
        errors += status != 200  # noqa: PLR2004
    shares = {"p50_ms": 0.50, "p95_ms": 0.95}
    return {name: round(percentile(spent, it) * 1000, 2) for name, it in shares.items()}, errors


async def _deep(connection: Connection, path: str) -> str:
    """The address of a page far below the first, or of the last one that leads on."""
    found = ""
    for _ in range(DEPTH):
        _, content = await connection.get(found or path, {})
        cursor = msgspec.json.decode(content).get("next_cursor")
        if not cursor:
            break
        found = f"{path}&cursor={quote(cursor)}"
    return found


async def bring(pool: Pool, maker: IdMaker, shop_id: ShopId, file: Path) -> None:
    """The reviews of a file, as ``jishi import reviews`` takes them in."""
    reports = Reports()
    groups = reading.parse(read_table(file, reports, needed=reading.NEEDED), reports)
    now = datetime.now(UTC)
    writer = Writer(pool, maker, shop_id, build_index(), now, reports)
    await writer.write(file.name, groups, lambda _count: None)


async def make(pool: Pool, maker: IdMaker, shop_id: ShopId, sku_id: int, count: int) -> None:
    """``count`` reviews of the product of ``sku_id``, with votes on some, counted and ranked."""
    cell, now = cell_of(shop_id), datetime.now(UTC)
    product_id = ProductId(
        await pool.fetchval("SELECT product_id FROM sku WHERE cell = $1 AND id = $2", cell, sku_id)
    )
    skus = [maker.make(cell) for _ in range(SKUS)]
    await pool.execute(_SKUS, cell, product_id, shop_id, skus, now)
    first_ms = maker.newest_ms - EPOCH_MS - PAST_MS
    node = (maker.make(0) >> 6) & 255
    for start in range(0, count, CHUNK):
        async with transaction(pool) as tx:
            await tx.execute(
                _SEED, cell, shop_id, product_id, skus, WORDS, CHUNK, first_ms, node, start, count
            )
    async with transaction(pool) as tx:
        await tx.execute(_VOTES, cell, product_id, now, VOTED)
        voted = [
            ReviewId(row["id"]) for row in await tx.fetch(_OF_PRODUCT, cell, product_id, VOTED)
        ]
        await reviews.mark_due(tx, voted)
        await reviews.rank_due(tx, limit=VOTED)
        await reviews.count_anew(tx, shop_id)
