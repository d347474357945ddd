"""A flash sale: few units at a price, many requests at once, and an ordinary shop beside it.

The ordinary shop is measured alone, then beside as many buyers of a third shop's ordinary goods, then
beside the sale. The second says what so many orders cost on this machine whatever they are for; how much
slower the third is than the second is what the sale as such costs others.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from jishi.bench.figures import latency_ms
from jishi.bench.market import Goods, opened
from jishi.bench.site import People, Site, running, settle_in
from jishi.bench.wire import Connection
from jishi.db import Pool, transaction
from jishi.flows.keep_offers import Picked, create_offer
from jishi.kit.ids import AccountId, IdMaker
from jishi.modules.pricing import OfferDraft, OfferKind

PRICE: Final = 99
REFUSED: Final = (b"orders.offer_over", b"orders.total_changed")
ORDINARY: Final = 8  # buyers of the ordinary shop at once
PLACED: Final = 201
_SOLD: Final = "SELECT taken FROM offer_stock WHERE cell = cell_of($1) AND offer_id = $1"
_ORDERS: Final = """
SELECT count(*), coalesce(sum(offer_quantity), 0)::bigint AS units FROM sale_order_line
WHERE cell = cell_of($1) AND offer_id = $1
"""
Ask = Callable[[Connection, int], Awaitable[None]]


class Sale:
    """What is asked and what came of it."""

    def __init__(self, people: People, maker: IdMaker) -> None:
        self.people, self.maker = people, maker
        self.spent: list[float] = []
        self.sold, self.refused, self.errors = 0, 0, 0

    async def ask(
        self, connection: Connection, buyer: int, goods: Goods, *, flash: bool, spent: list[float]
    ) -> None:
        token, address_id = self.people.buyers[buyer]
        expected = f',"expected_minor":{PRICE}' if flash else ""
        body = (
            f'{{"address_id":"{address_id}","lines":[{{"sku_id":"{goods.sku_id}","quantity":1,'
            f'"price_minor":{goods.price_minor}}}]{expected}}}'
        ).encode()
        headers = {
            "authorization": f"Bearer {token}",
            "idempotency-key": str(self.maker.make(0)),
        }
        began = time.perf_counter()
        status, content = await connection.post("/api/v1/checkouts", headers, body)
        spent.append(time.perf_counter() - began)
        if not flash:
            self.errors += status != PLACED
        elif status == PLACED:
            self.sold += 1
        elif any(each in content for each in REFUSED):
            self.refused += 1
        else:
            self.errors += 1


async def run(
    dsn: str, *, seconds: float, connections: int, units: int, requests: int, workers: int
) -> dict[str, Any]:
    """``requests`` for ``units``, each buyer once, over ``connections``; exactly ``units`` are sold."""
    async with opened(dsn) as (pool, maker):
        buyers = requests + ORDINARY
        town, people = await settle_in(pool, maker, buyers=buyers, shops=3, skus=1, stock=10**6)
        special, plain, crowd = town.goods
        offer_id = await _offer(pool, maker, special, units)
        sale = Sale(people, maker)
        with running(dsn, workers=workers) as site:
            alone = await _ordinary(sale, site, plain, seconds / 2)
            busy = asyncio.create_task(_crowd(sale, site, crowd, seconds / 2, connections))
            among = await _ordinary(sale, site, plain, seconds / 2)
            await busy
            began = time.perf_counter()
            rush = asyncio.create_task(_rush(sale, site, special, requests, connections))
            beside: list[float] = []
            while not rush.done():
                beside += await _ordinary(sale, site, plain, 0.25)
            await rush
            elapsed = time.perf_counter() - began
        taken = await pool.fetchval(_SOLD, offer_id)
        row = await pool.fetchrow(_ORDERS, offer_id)
        slower = _median(beside) / _median(among) - 1 if among and beside else 0.0
        return {
            "units": units,
            "requests": requests,
            "sold": sale.sold,
            "taken_in_database": taken,
            "refused": sale.refused,
            "seconds": round(elapsed, 2),
            "answered_per_second": round(requests / elapsed, 1),
            **latency_ms(sale.spent, "flash"),
            **latency_ms(alone, "ordinary_alone"),
            **latency_ms(among, "ordinary_beside_orders"),
            **latency_ms(beside, "ordinary_beside_sale"),
            "slower_by_sale_percent": round(slower * 100, 1),
            "errors": sale.errors
            + abs(sale.sold - min(units, requests))
            + abs(taken - sale.sold)
            + abs(row["units"] - sale.sold),
        }


async def _offer(pool: Pool, maker: IdMaker, goods: Goods, units: int) -> int:
    now = datetime.now(UTC)
    draft = OfferDraft(
        shop_id=goods.shop_id,
        kind=OfferKind.FLASH,
        title="Flash",
        items=(),
        starts_at=now - timedelta(minutes=1),
        ends_at=now + timedelta(hours=1),
        announced_at=now - timedelta(minutes=1),
    )
    picked = [Picked(sku_id=goods.sku_id, price_minor=PRICE, quota=units, per_buyer=1)]
    async with transaction(pool) as tx:
        return await create_offer(tx, maker, draft, picked, actor_id=AccountId(1), now=now)


async def _rush(sale: Sale, site: Site, goods: Goods, requests: int, connections: int) -> None:
    """Every buyer once, as fast as so many connections go."""
    waiting = iter(range(requests))

    async def lane() -> None:
        connection = await Connection.open("127.0.0.1", site.port)
        for buyer in waiting:
            await sale.ask(connection, buyer, goods, flash=True, spent=sale.spent)
        connection.close()

    await asyncio.gather(*(lane() for _ in range(connections)))


async def _crowd(sale: Sale, site: Site, goods: Goods, seconds: float, connections: int) -> None:
    """As many buyers of ordinary goods as the sale has, for a while."""
    until = time.perf_counter() + seconds

    async def lane(buyer: int) -> None:
        connection = await Connection.open("127.0.0.1", site.port)
        while time.perf_counter() < until:
            await sale.ask(connection, buyer, goods, flash=False, spent=[])
        connection.close()

    await asyncio.gather(*(lane(number) for number in range(connections)))


async def _ordinary(sale: Sale, site: Site, goods: Goods, seconds: float) -> list[float]:
    """A few buyers of another shop, each pausing a little as people do; what each answer took."""
    spent: list[float] = []
    until = time.perf_counter() + seconds

    async def lane(number: int) -> None:
        connection = await Connection.open("127.0.0.1", site.port)
        buyer = len(sale.people.buyers) - 1 - number
        while time.perf_counter() < until:
            await sale.ask(connection, buyer, goods, flash=False, spent=spent)
            await asyncio.sleep(0.02)
        connection.close()

    await asyncio.gather(*(lane(number) for number in range(ORDINARY)))
    return spent


def _median(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]
