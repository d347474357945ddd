"""Retry at the edge: serialization failures and deadlocks only, at most three times."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import TypeVar

import asyncpg

T = TypeVar("T")

TRIES = 3
PAUSE_SECONDS = 0.02


async def retrying(work: Callable[[], Awaitable[T]]) -> T:
    """What ``work`` returns; it opens its own transaction each time."""
    for attempt in range(1, TRIES + 1):
        try:
            return await work()
        except (asyncpg.SerializationError, asyncpg.DeadlockDetectedError):
            if attempt == TRIES:
                raise
            await asyncio.sleep(PAUSE_SECONDS * attempt * (1 + random.random()))  # noqa: S311
    raise AssertionError("unreachable")
