"""Work outside the database: asked for in a transaction, done after its commit, at least once.

A package offers its tasks in ``tasks.py`` as ``make_tasks(context) -> list[Task]``; the worker
carries them out (``db/task_worker.py``). The jobs stand in procrastinate's own tables, written
through its SQL function, so a job exists only when the transaction that asked for it commits.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from asyncpg import UniqueViolationError

from jishi.db import Tx, load_sql

QUEUE: Final = "outside"
PAUSES: Final = (
    timedelta(seconds=5),
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(hours=1),
    timedelta(hours=6),
)
KEY_TRIES: Final = 5

_DEFER: Final = load_sql(__package__, "task_defer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """``run(args, now)`` outside any transaction. It may run again for the same args.

    When it raises, it is tried again after each of ``pauses``, then kept as failed.
    """

    name: str
    run: Callable[[Mapping[str, Any], datetime], Awaitable[None]]
    pauses: Sequence[timedelta] = PAUSES


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """One job to come. ``args`` are JSON values; ``at`` None: as soon as there is room.

    While a job with the same ``key`` is waiting, no second one is made.
    """

    task: str
    args: Mapping[str, Any] = field(default_factory=dict)
    key: str | None = None
    at: datetime | None = None


async def defer(
    tx: Tx,
    task: str,
    args: Mapping[str, Any],
    *,
    key: str | None = None,
    at: datetime | None = None,
) -> None:
    """Ask for one job; it exists when ``tx`` commits."""
    await defer_all(tx, [Wish(task=task, args=args, key=key, at=at)])


async def defer_all(tx: Tx, wishes: Sequence[Wish]) -> int:
    """Ask for many jobs in one statement; how many were made, those with a waiting key left out."""
    if not wishes:
        return 0
    columns = (
        [wish.task for wish in wishes],
        [dict(wish.args) for wish in wishes],
        [wish.key for wish in wishes],
        [wish.at for wish in wishes],
    )
    for tries_left in range(KEY_TRIES, 0, -1):
        try:
            async with tx.transaction():
                made: int = await tx.fetchval(_DEFER, QUEUE, *columns)
                return made
        except UniqueViolationError:  # another transaction has just committed one of the keys
            if tries_left == 1:
                raise
    raise AssertionError("unreachable")
