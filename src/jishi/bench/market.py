"""A throw-away market: a server of its own, shops, goods, stock, buyers with addresses."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from jishi import db
from jishi.db import Pool, load_sql
from jishi.db.embedded import EmbeddedPostgres
from jishi.db.migrate import migrate
from jishi.db.nodes import NodeLease, lease_node
from jishi.kit.ids import CELLS, AccountId, AddressId, IdMaker, ShopId, SkuId, cell_of

STOCK: Final = 1_000_000_000  # pieces of a SKU: nothing sells out unless a benchmark wants it
PRICE_MINOR: Final = 10_000
_GOODS: Final = load_sql(__package__, "seed_goods")
_ADDRESSES: Final = load_sql(__package__, "seed_addresses")


@dataclass(frozen=True, slots=True)
class Goods:
    """A SKU as the benchmarks order it."""

    sku_id: SkuId
    shop_id: ShopId
    price_minor: int


@dataclass(frozen=True, slots=True)
class Town:
    """Who buys what from whom."""

    goods: list[Goods]
    buyers: list[tuple[AccountId, AddressId]]


@contextmanager
def database(given: str | None) -> Iterator[str]:
    """``given``, or the DSN of a server that lives as long as the block, fsync on."""
    if given is not None:
        migrate(given)
        yield given
        return
    with tempfile.TemporaryDirectory(prefix="jishi-bench-") as folder:
        server = EmbeddedPostgres(Path(folder))
        dsn = server.start()
        try:
            migrate(dsn)
            yield dsn
        finally:
            server.stop()


@asynccontextmanager
async def opened(dsn: str, *, size: int = 8) -> AsyncIterator[tuple[Pool, IdMaker]]:
    """A pool and an id maker of this process."""
    pool = await db.open_pool(dsn, size=size, application="jishi bench")
    lease: NodeLease = await lease_node(pool)
    renewal = asyncio.create_task(lease.keep())
    try:
        yield pool, lease.maker
    finally:
        renewal.cancel()
        await lease.give_back()
        await pool.close()


async def build_town(
    pool: Pool,
    maker: IdMaker,
    *,
    shops: int = 40,
    skus: int = 20,
    buyers: int = 2000,
    people: Sequence[AccountId] = (),
    stock: int = STOCK,
    owner_id: int = 1,
) -> Town:
    """``shops`` spread over the cells, each with ``skus`` products of one SKU; buyers with addresses.

    ``people`` are accounts that exist; without them ``buyers`` ids are made up.
    """
    step = max(1, CELLS // shops)
    shop_ids = [ShopId(maker.make(at * step % CELLS)) for at in range(shops)]
    goods = [
        Goods(SkuId(maker.make(cell_of(shop_id))), shop_id, PRICE_MINOR)
        for shop_id in shop_ids
        for _ in range(skus)
    ]
    accounts = people or [AccountId(maker.make(at % CELLS)) for at in range(buyers)]
    at_home = [(each, AddressId(maker.make(cell_of(each)))) for each in accounts]
    shop_at = {shop_id: at for at, shop_id in enumerate(shop_ids, start=1)}
    now = datetime.now(UTC)
    await pool.execute(
        _GOODS,
        shop_ids,
        [maker.make(cell_of(shop_id)) for shop_id in shop_ids],
        owner_id,
        [each.sku_id for each in goods],
        [maker.make(cell_of(each.sku_id)) for each in goods],
        [shop_at[each.shop_id] for each in goods],
        PRICE_MINOR,
        stock,
        now,
    )
    await pool.execute(
        _ADDRESSES, [each for each, _ in at_home], [each for _, each in at_home], now
    )
    # Not the order book: statistics of empty tables would make the first plans read all of them.
    await pool.execute("ANALYZE shop, warehouse, product, sku, stock, address")
    return Town(goods, at_home)
