"""Retry at the edge: serialization failures and deadlocks only, at most three times."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import TypeVar

import asyncpg

from jishi.db import Pool, Tx, transaction

T = TypeVar("T")

TRIES = 3
PAUSE_SECONDS = 0.02


async def in_transaction(pool: Pool, work: Callable[[Tx], Awaitable[T]]) -> T:
    """What ``work`` returns, in a transaction of its own, tried again after a deadlock."""
    for attempt in range(1, TRIES + 1):
        try:
            async with transaction(pool) as tx:
                return await work(tx)
        except (asyncpg.SerializationError, asyncpg.DeadlockDetectedError):
            if attempt == TRIES:
                raise
            await asyncio.sleep(PAUSE_SECONDS * attempt * (1 + random.random()))  # noqa: S311
    raise AssertionError("unreachable")
