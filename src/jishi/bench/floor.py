"""The floor: the same life order by order, and the least PostgreSQL does for a transaction here."""

import asyncio
import random
import time
from typing import Any, Final

from jishi.bench.market import Town
from jishi.db import Pool
from jishi.kit.ids import IdMaker

LANES: Final = 4
_TABLE: Final = "CREATE UNLOGGED TABLE IF NOT EXISTS bench_floor (id bigint PRIMARY KEY, n bigint)"
_LOGGED: Final = "ALTER TABLE bench_floor SET LOGGED"
_FILL: Final = "INSERT INTO bench_floor SELECT g, 0 FROM generate_series(1, 10000) g"
_TOUCH: Final = "UPDATE bench_floor SET n = n + 1 WHERE id = $1"
_DROP: Final = "DROP TABLE bench_floor"


async def measure(pool: Pool, maker: IdMaker, town: Town, *, seconds: float) -> dict[str, Any]:
    """``floor_orders_per_second`` one order at a time over 4 connections, the same functions;
    ``floor_commits_per_second`` one-row updates, as pgbench would."""
    from jishi.bench import engine

    tally = engine.Tally()
    until = time.perf_counter() + seconds
    started = time.perf_counter()

    async def lane(number: int) -> None:
        chance = random.Random(number)
        while time.perf_counter() < until:
            await engine.live(pool, maker, town, tally, 1, chance)

    await asyncio.gather(*(lane(number) for number in range(LANES)))
    spent = time.perf_counter() - started
    return {
        "floor_orders_per_second": round(tally.orders / spent, 1),
        "floor_commits_per_second": await _commits(pool, min(seconds, 5.0)),
    }


async def _commits(pool: Pool, seconds: float) -> float:
    for statement in (_TABLE, _FILL, _LOGGED):
        await pool.execute(statement)
    until = time.perf_counter() + seconds
    done = 0

    async def lane(number: int) -> None:
        nonlocal done
        chance = random.Random(number)
        async with pool.acquire() as connection:
            while time.perf_counter() < until:
                await connection.execute(_TOUCH, chance.randint(1, 10_000))
                done += 1

    await asyncio.gather(*(lane(number) for number in range(LANES)))
    await pool.execute(_DROP)
    return round(done / seconds, 1)
