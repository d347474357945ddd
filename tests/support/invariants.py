"""The invariants of the order book, asked after every flow test.

``pytestmark = pytest.mark.usefixtures("sound")`` asks after each test of a module; a test that rolls
back asks inside its transaction: ``await sound(tx)``. What was broken before the test by others who
share the database does not count.
"""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest_asyncio

from jishi import verify
from jishi.db import Pool, Tx

Breaches = dict[str, set[str]]
Sound = Callable[[Tx], Awaitable[None]]


async def breaches(tx: Tx) -> Breaches:
    """What breaks each invariant, as the checks of ``jishi verify`` tell it.

    A test database has no statistics, so the planner takes its tables for empty: without this it
    would go through them row by row.
    """
    async with tx.transaction():
        await tx.execute("SET LOCAL enable_nestloop = off")
        found = {
            name: {str(dict(row)) for row in await tx.fetch(verify.text_of(name))}
            for name in verify.NAMES
        }
        await tx.execute("SET LOCAL enable_nestloop = on")
    return found


@pytest_asyncio.fixture(loop_scope="session")
async def sound(pool: Pool) -> AsyncIterator[Sound]:
    async with pool.acquire() as connection:
        before = await breaches(connection)

    async def check(tx: Tx) -> None:
        after = await breaches(tx)
        new = {name: sorted(after[name] - before[name])[:5] for name in after}
        assert not {name: rows for name, rows in new.items() if rows}

    yield check
    async with pool.acquire() as connection:
        await check(connection)
