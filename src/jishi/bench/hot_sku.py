"""One SKU, few pieces, many buyers at once over HTTP: exactly as many are sold as there are."""

import asyncio
import time
from typing import Any, Final

from jishi.bench.figures import latency_ms
from jishi.bench.market import opened
from jishi.bench.site import running, settle_in
from jishi.bench.wire import Connection

SOLD_OUT: Final = b"orders.stock_short"
_LEFT: Final = "SELECT on_hand, held, sold FROM stock WHERE cell = cell_of($1) AND sku_id = $1"


async def run(dsn: str, *, seconds: float, buyers: int, stock: int, workers: int) -> dict[str, Any]:
    """``buyers`` keep asking for one piece each until ``seconds`` are over."""
    async with opened(dsn) as (pool, maker):
        town, people = await settle_in(pool, maker, buyers=buyers, shops=1, skus=1, stock=stock)
        goods = town.goods[0]
        sold, short, errors = 0, 0, 0
        spent: list[float] = []
        with running(dsn, workers=workers) as site:
            started = time.perf_counter()
            until = started + seconds

            async def buyer(number: int) -> None:
                nonlocal sold, short, errors
                token, address_id = people.buyers[number]
                connection = await Connection.open("127.0.0.1", site.port)
                body = (
                    f'{{"address_id":"{address_id}","lines":[{{"sku_id":"{goods.sku_id}",'
                    f'"quantity":1,"price_minor":{goods.price_minor}}}]}}'
                ).encode()
                while time.perf_counter() < until:
                    headers = {
                        "authorization": f"Bearer {token}",
                        "idempotency-key": str(maker.make(0)),
                    }
                    began = time.perf_counter()
                    status, content = await connection.post("/api/v1/checkouts", headers, body)
                    spent.append(time.perf_counter() - began)
                    if status == 201:  # noqa: PLR2004
                        sold += 1
                    elif SOLD_OUT in content:
                        short += 1
                    else:
                        errors += 1
                connection.close()

            await asyncio.gather(*(buyer(number) for number in range(buyers)))
            elapsed = time.perf_counter() - started
        row = await pool.fetchrow(_LEFT, goods.sku_id)
        return {
            "stock": stock,
            "sold": sold,
            "held_in_database": row["held"],
            "left_in_database": row["on_hand"],
            "refused": short,
            "answered_per_second": round(len(spent) / elapsed, 1),
            **latency_ms(spent, "answer"),
            "errors": errors + abs(sold - row["held"]) + abs(stock - sold - row["on_hand"]),
        }
