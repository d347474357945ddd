"""Calls to systems outside, a few at a time; never inside a transaction."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, TypeVar

CALLS_AT_ONCE: Final = 8
T = TypeVar("T")
R = TypeVar("R")


async def each(items: Sequence[T], call: Callable[[T], Awaitable[R]]) -> list[R]:
    """An answer per item, same order."""
    room = asyncio.Semaphore(CALLS_AT_ONCE)

    async def one(item: T) -> R:
        async with room:
            return await call(item)

    return list(await asyncio.gather(*(one(item) for item in items)))
