"""Requests that arrive while a batch is in flight wait a moment and go together.

No timer: a lone request goes at once. Source: decision 0001.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from time import monotonic
from typing import Generic, TypeVar

from jishi.db import GONE, Pool, Tx
from jishi.db.retry import in_transaction
from jishi.kit.errors import Kind, Refusal

Item = TypeVar("Item")
Verdict = TypeVar("Verdict")

BATCH_MAX = 256
WAITING_MAX = 4096


class TooBusy(Refusal):
    kind, code = Kind.UNAVAILABLE, "busy"
    text = "Very many people are buying at this moment. Nothing was charged; try again in a minute."


class Batcher(Generic[Item, Verdict]):
    """Runs ``run(items) -> verdicts`` (same length, same order) on items gathered from callers.

    At most ``lanes`` batches run at once. A failing batch is split to find the item at fault, so
    one bad item never fails its neighbours. ``pace``: so many items a second and lane at most, however
    many wait; what a crowd wants then costs others little.
    """

    def __init__(
        self,
        run: Callable[[Sequence[Item]], Awaitable[Sequence[Verdict]]],
        *,
        size: int = BATCH_MAX,
        lanes: int = 1,
        waiting_max: int = WAITING_MAX,
        pace: float | None = None,
    ) -> None:
        self._run = run
        self._pace = pace
        self._size = size
        self._lanes = lanes
        self._waiting_max = waiting_max
        self._waiting: list[tuple[Item, asyncio.Future[Verdict]]] = []
        self._draining = 0
        self._tasks: set[asyncio.Task[None]] = set()  # keeps them from being collected

    async def submit(self, item: Item) -> Verdict:
        """The verdict on ``item``. Raises TooBusy when too many wait already."""
        if len(self._waiting) >= self._waiting_max:
            raise TooBusy
        future: asyncio.Future[Verdict] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, future))
        if self._draining < self._lanes:
            self._draining += 1
            task = asyncio.create_task(self._drain())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return await future

    async def _drain(self) -> None:
        try:
            # Give requests already read from their sockets the chance to join this batch.
            await asyncio.sleep(0)
            while self._waiting:
                batch, self._waiting = self._waiting[: self._size], self._waiting[self._size :]
                started = monotonic()
                await self._answer(batch)
                if self._pace is not None:
                    await asyncio.sleep(len(batch) / self._pace - (monotonic() - started))
        finally:
            # In the same step as the last look at ``_waiting``: who is woken by an answer and asks
            # again before this task counts as done must find that nobody drains any more.
            self._draining -= 1

    async def _answer(self, batch: list[tuple[Item, asyncio.Future[Verdict]]]) -> None:
        try:
            verdicts = await self._run([item for item, _ in batch])
            assert len(verdicts) == len(batch), "a batch answers every item"
        except Exception as problem:  # noqa: BLE001 — handed to whoever asked
            await self._blame(batch, problem)
            return
        for (_, future), verdict in zip(batch, verdicts, strict=True):
            if not future.done():
                future.set_result(verdict)

    async def _blame(
        self, batch: list[tuple[Item, asyncio.Future[Verdict]]], problem: Exception
    ) -> None:
        if isinstance(problem, GONE):  # trying halves would only make everybody wait longer
            for _, future in batch:
                if not future.done():
                    future.set_exception(problem)
        elif len(batch) > 1:
            middle = len(batch) // 2
            await self._answer(batch[:middle])
            await self._answer(batch[middle:])
        elif not batch[0][1].done():
            batch[0][1].set_exception(problem)


def batched(
    pool: Pool,
    run: Callable[[Tx, Sequence[Item]], Awaitable[Sequence[Verdict]]],
    *,
    size: int = BATCH_MAX,
    lanes: int = 1,
    waiting_max: int = WAITING_MAX,
    pace: float | None = None,
) -> Batcher[Item, Verdict]:
    """A batcher whose every batch is one transaction, retried after a deadlock."""

    async def attempt(items: Sequence[Item]) -> Sequence[Verdict]:
        return await in_transaction(pool, lambda tx: run(tx, items))

    return Batcher(attempt, size=size, lanes=lanes, waiting_max=waiting_max, pace=pace)
