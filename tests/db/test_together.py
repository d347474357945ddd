"""Calls to systems outside: a few at a time, answered in order."""

import asyncio

from jishi.db.together import CALLS_AT_ONCE, each


async def test_a_few_at_a_time_and_in_order() -> None:
    under_way = most = 0

    async def call(item: int) -> int:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0.001 * (20 - item))
        under_way -= 1
        return item * item

    assert await each(range(20), call) == [it * it for it in range(20)]
    assert most == CALLS_AT_ONCE
    assert await each([], call) == []
