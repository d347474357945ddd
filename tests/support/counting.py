"""How many statements a page costs: stands in for the app's pool and counts what passes."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from jishi.db import Pool, Tx


class CountingPool:
    """A pool whose connections tell each statement they run."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self.statements: list[str] = []

    @asynccontextmanager
    async def acquire(self) -> AsyncIterator[Tx]:
        async with self._pool.acquire() as connection:
            with connection.query_logger(lambda record: self.statements.append(record.query)):
                yield connection

    def __getattr__(self, name: str) -> Any:
        return getattr(self._pool, name)


@contextmanager
def counted(app: Any) -> Iterator[CountingPool]:
    """Within the block requests to ``app`` are counted."""
    real = app.state.pool
    counting = CountingPool(real)
    app.state.pool = counting
    try:
        yield counting
    finally:
        app.state.pool = real
