"""Carries out the jobs of ``db/tasks.py``: a procrastinate worker that outlives its database.

It hears of new jobs at once and looks for due ones every two seconds. A job whose process was
killed, or whose outcome was lost with a connection, is given back after half a minute.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

import procrastinate
import structlog
from procrastinate.job_context import JobContext
from procrastinate.jobs import Job as StoredJob
from procrastinate.retry import BaseRetryStrategy
from procrastinate.worker import Worker

from jishi.db import Pool, load_sql
from jishi.db.jobs import Job
from jishi.db.tasks import QUEUE, Task

log = structlog.get_logger()
# Its lines name arguments, and failures are told below without them.
logging.getLogger("procrastinate").setLevel(logging.CRITICAL)

CONCURRENCY: Final = 8  # jobs at once in one process
CONNECTIONS: Final = 3  # of the library's own pool; it listens on one more
CONNECT_SECONDS: Final = 5
STARTS_MAX: Final = 10  # a job that takes its process with it each time is given up
RESCUED_AT_ONCE: Final = 500
FAILED_KEPT: Final = timedelta(days=30)
FORGET_EVERY: Final = timedelta(hours=1)
PAUSE_SECONDS: Final = 1.0  # before another try while the database is away

_RESCUE: Final = load_sql(__package__, "task_rescue")
_UNACCOUNTED: Final = """
SELECT id FROM procrastinate_jobs WHERE worker_id = $1 AND status = 'doing' AND id <> ALL($2::bigint[])
"""
_FORGET: Final = load_sql(__package__, "task_forget")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How often to look, when a silent worker counts as gone, how long a stop waits for jobs."""

    poll_seconds: float = 2.0  # between looks for jobs that have become due; new ones are told of
    heartbeat_seconds: float = 5.0
    silent_seconds: int = 20
    check_seconds: float = 10.0  # between looks for lost jobs
    stop_seconds: float = 2.0


async def work(
    pool: Pool,
    dsn: str,
    tasks: Sequence[Task],
    *,
    clock: Callable[[], datetime],
    pace: Pace | None = None,
) -> None:
    """Carry out jobs until cancelled. Jobs still running after ``stop_seconds`` are given back."""
    pace = pace or Pace()
    while True:
        try:
            async with _opened(dsn, tasks, clock) as app:
                await _Shift(pool, app, pace).run()
            log.warning("tasks wait", problem="the library's worker has stopped")
        except Exception as problem:  # noqa: BLE001 — the database may be restarting
            log.warning("tasks wait", problem=f"{type(problem).__name__}: {problem}")
        if (me := asyncio.current_task()) and me.cancelling():
            # The library tells of its lost database instead, when both come at once.
            raise asyncio.CancelledError
        await asyncio.sleep(PAUSE_SECONDS)


def forgetting(pool: Pool) -> Job:
    """The timed job that deletes jobs which failed long ago."""

    async def forget(now: datetime) -> int:
        deleted: int = await pool.fetchval(_FORGET, now - FAILED_KEPT, RESCUED_AT_ONCE)
        return deleted

    return Job("tasks.forget", FORGET_EVERY, forget)


@dataclass(slots=True)
class _Shift:
    """One registered worker of the library, and the watch over its jobs."""

    pool: Pool
    app: procrastinate.App
    pace: Pace
    running: set[int] = field(default_factory=set)
    worker: Worker = field(init=False)

    def __post_init__(self) -> None:
        self.worker = Worker(
            self.app,
            queues=[QUEUE],
            concurrency=CONCURRENCY,
            fetch_job_polling_interval=self.pace.poll_seconds,
            shutdown_graceful_timeout=self.pace.stop_seconds,
            delete_jobs="successful",
            install_signal_handlers=False,
            update_heartbeat_interval=self.pace.heartbeat_seconds,
            stalled_worker_timeout=self.pace.silent_seconds,
            worker_middleware=[self._watch_job],
        )

    async def run(self) -> None:
        """Until cancelled, or until the library's worker gives up (its database is gone)."""
        watch = asyncio.create_task(self._rescue())
        try:
            await self.worker.run()  # type: ignore[no-untyped-call]
        finally:
            watch.cancel()

    async def _watch_job(
        self, call_next: Callable[[], Any], context: JobContext, _worker: Worker
    ) -> None:
        job = context.job
        assert job.id is not None
        self.running.add(job.id)
        try:
            await call_next()
        except Exception as problem:
            said = f"{type(problem).__name__}: {problem}"
            log.warning("task failed", task=job.task_name, attempts=job.attempts + 1, problem=said)
            raise
        finally:
            self.running.discard(job.id)

    async def _rescue(self) -> None:
        suspects: set[int] = set()
        while True:
            try:
                mine = await self.pool.fetch(
                    _UNACCOUNTED, self.worker.worker_id, list(self.running)
                )
                # One look may fall between the end of a job and the note of it; two do not.
                lost = suspects & {row["id"] for row in mine}
                suspects = {row["id"] for row in mine}
                await rescue(self.pool, lost, silent_seconds=self.pace.silent_seconds)
            except Exception as problem:  # noqa: BLE001 — the database may be restarting
                log.warning("lost jobs wait", problem=str(problem))
            await asyncio.sleep(self.pace.check_seconds)


async def rescue(pool: Pool, lost: Iterable[int], *, silent_seconds: int) -> int:
    """Give back the jobs ``lost`` and those of silent workers; how many."""
    rows = await pool.fetch(_RESCUE, silent_seconds, list(lost), STARTS_MAX, RESCUED_AT_ONCE)
    for row in rows:
        log.warning("lost job", task=row["task"], job=row["id"], becomes=row["verdict"])
    return len(rows)


class Pauses(BaseRetryStrategy):
    """Growing pauses, then failed. A job broken off by a stop goes back at once."""

    def __init__(self, pauses: Sequence[timedelta]) -> None:
        self._pauses = pauses

    def get_retry_decision(
        self, *, exception: BaseException, job: StoredJob
    ) -> procrastinate.RetryDecision | None:
        if isinstance(exception, asyncio.CancelledError):
            return procrastinate.RetryDecision()
        if job.attempts >= len(self._pauses):
            return None
        pause = self._pauses[job.attempts].total_seconds()
        return procrastinate.RetryDecision(retry_in={"seconds": int(pause)})


@asynccontextmanager
async def _opened(
    dsn: str, tasks: Sequence[Task], clock: Callable[[], datetime]
) -> AsyncIterator[procrastinate.App]:
    connector = procrastinate.PsycopgConnector(
        conninfo=dsn,
        kwargs={"application_name": "jishi tasks"},
        min_size=1,
        max_size=CONNECTIONS,
        timeout=CONNECT_SECONDS,
    )
    app = procrastinate.App(connector=connector)
    for task in tasks:
        app.task(name=task.name, queue=QUEUE, retry=Pauses(task.pauses))(_as_function(task, clock))
    async with app.open_async():
        yield app


def _as_function(task: Task, clock: Callable[[], datetime]) -> Any:
    async def run(**args: Any) -> None:
        await task.run(args, clock())

    return run
