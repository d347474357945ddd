"""Work outside the database: asked for in a transaction, done at least once."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from procrastinate import sql as library_sql

from jishi import db
from jishi.db import task_worker, tasks
from jishi.db.task_worker import Pace, rescue, work
from jishi.db.tasks import Task, Wish, defer, defer_all

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
QUICK = Pace(
    poll_seconds=0.1, heartbeat_seconds=0.3, silent_seconds=1, check_seconds=0.3, stop_seconds=0.2
)
AT_ONCE = (timedelta(0), timedelta(0))

# A worker in a process of its own, whose task never ends.
ENDLESS = """
import asyncio, sys
from datetime import UTC, datetime
from jishi import db
from jishi.db.task_worker import Pace, work
from jishi.db.tasks import Task

async def run(args, now):
    print("begun", flush=True)
    await asyncio.sleep(600)

async def main():
    pool = await db.open_pool(sys.argv[1], size=2)
    pace = Pace(heartbeat_seconds=0.3, silent_seconds=1)
    clock = lambda: datetime.now(UTC)
    await work(pool, sys.argv[1], [Task(name="test.endless", run=run)], clock=clock, pace=pace)

asyncio.run(main())
"""


class Notes:
    """A task that writes down what it was asked, and fails as often as told."""

    def __init__(self, failures: int = 0, seconds: float = 0) -> None:
        self.failures, self.seconds = failures, seconds
        self.begun: list[Mapping[str, Any]] = []
        self.done: list[Mapping[str, Any]] = []

    async def __call__(self, args: Mapping[str, Any], _now: datetime) -> None:
        self.begun.append(args)
        if len(self.begun) <= self.failures:
            raise ConnectionRefusedError("nobody there")
        await asyncio.sleep(self.seconds)
        self.done.append(args)


@pytest.fixture(autouse=True)
async def no_jobs(pool: db.Pool) -> AsyncIterator[None]:
    """Nor workers: the row of a killed one would pass for that of the next."""
    yield
    await pool.execute("TRUNCATE procrastinate_jobs, procrastinate_workers CASCADE")


@asynccontextmanager
async def working(pool: db.Pool, dsn: str, *known: Task, pace: Pace = QUICK) -> AsyncIterator[None]:
    doing = asyncio.create_task(work(pool, dsn, known, clock=lambda: NOW, pace=pace))
    try:
        yield
    finally:
        doing.cancel()
        with suppress(asyncio.CancelledError):
            await doing


async def soon(holds: Callable[[], Awaitable[object]], seconds: float = 20) -> None:
    deadline = asyncio.get_running_loop().time() + seconds
    while not await holds():
        assert asyncio.get_running_loop().time() < deadline, f"not within {seconds} s"
        await asyncio.sleep(0.05)


async def ask(pool: db.Pool, *wishes: Wish) -> int:
    async with db.transaction(pool) as tx:
        return await defer_all(tx, wishes)


async def jobs(pool: db.Pool) -> list[tuple[str, str, int]]:
    rows = await pool.fetch(
        "SELECT task_name, status::text, attempts FROM procrastinate_jobs ORDER BY id"
    )
    return [tuple(row) for row in rows]


def until(pool: db.Pool, wanted: Sequence[tuple[str, str, int]]) -> Callable[[], Awaitable[bool]]:
    async def holds() -> bool:
        return await jobs(pool) == list(wanted)

    return holds


def test_the_function_is_that_of_the_installed_library() -> None:
    ours = db.load_sql("jishi.db", "task_defer")
    for name in ("procrastinate_defer_jobs_v1", "procrastinate_job_to_defer_v1"):
        assert name in library_sql.queries["defer_jobs"]
        assert name in ours
    rescued = db.load_sql("jishi.db", "task_rescue")
    assert "procrastinate_retry_job_v2" in library_sql.queries["retry_job"]
    assert "procrastinate_retry_job_v2" in rescued
    assert "procrastinate_finish_job_v1" in library_sql.queries["finish_job"]
    assert "procrastinate_finish_job_v1" in rescued


async def test_a_job_exists_only_when_its_transaction_commits(pool: db.Pool) -> None:
    with suppress(ZeroDivisionError):
        async with db.transaction(pool) as tx:
            await defer(tx, "test.note", {"n": 1})
            raise ZeroDivisionError
    assert await jobs(pool) == []
    async with db.transaction(pool) as tx:
        await defer(tx, "test.note", {"n": 2})
        assert await jobs(pool) == []
    assert await jobs(pool) == [("test.note", "todo", 0)]


@pytest.mark.parametrize(
    ("_case", "keys", "made"),
    [
        ("none at all", [], 0),
        ("one", ["a"], 1),
        ("without keys", [None, None, None], 3),
        ("a key twice", ["a", "b", "a", None], 3),
    ],
)
async def test_a_batch_makes_one_job_per_key(
    pool: db.Pool, _case: str, keys: list[str | None], made: int
) -> None:
    wishes = [Wish(task="test.note", args={"n": n}, key=key) for n, key in enumerate(keys)]
    assert await ask(pool, *wishes) == made
    assert len(await jobs(pool)) == made


async def test_a_waiting_key_is_not_asked_for_again(pool: db.Pool) -> None:
    wish = Wish(task="test.note", key="same")
    assert [await ask(pool, wish), await ask(pool, wish)] == [1, 0]
    await pool.execute("UPDATE procrastinate_jobs SET status = 'doing'")
    assert await ask(pool, wish) == 1  # what is asked for now may not be seen by the one under way


async def test_two_transactions_with_one_key_make_one_job(pool: db.Pool) -> None:
    wish = Wish(task="test.note", key="raced")
    async with db.transaction(pool) as first:
        assert await defer_all(first, [wish]) == 1
        second = asyncio.create_task(ask(pool, wish))
        waiting = (
            "SELECT 1 FROM pg_stat_activity"
            " WHERE wait_event_type = 'Lock' AND datname = current_database()"
        )
        await soon(lambda: pool.fetchval(waiting))
    assert await second == 0
    assert len(await jobs(pool)) == 1


async def test_what_was_asked_is_done_with_its_arguments(pool: db.Pool, database_dsn: str) -> None:
    note = Notes()
    async with working(pool, database_dsn, Task(name="test.note", run=note)):
        await ask(pool, *[Wish(task="test.note", args={"n": n, "text": "集市"}) for n in range(20)])
        await soon(until(pool, []))
    assert sorted(it["n"] for it in note.done) == list(range(20))
    assert note.done[0]["text"] == "集市"


async def test_a_job_waits_for_its_time(pool: db.Pool, database_dsn: str) -> None:
    note = Notes()
    later = datetime.now(UTC) + timedelta(hours=1)
    await ask(pool, Wish(task="test.note", at=later), Wish(task="test.note", args={"n": 1}))
    async with working(pool, database_dsn, Task(name="test.note", run=note)):
        await soon(until(pool, [("test.note", "todo", 0)]))
    assert note.done == [{"n": 1}]


async def test_a_failing_job_is_tried_again(pool: db.Pool, database_dsn: str) -> None:
    note = Notes(failures=2)
    await ask(pool, Wish(task="test.note"))
    async with working(pool, database_dsn, Task(name="test.note", run=note, pauses=AT_ONCE)):
        await soon(until(pool, []))
    assert (len(note.begun), len(note.done)) == (3, 1)


async def test_after_its_pauses_a_job_is_kept_as_failed(pool: db.Pool, database_dsn: str) -> None:
    note = Notes(failures=9)
    await ask(pool, Wish(task="test.note"))
    async with working(pool, database_dsn, Task(name="test.note", run=note, pauses=AT_ONCE)):
        await soon(until(pool, [("test.note", "failed", 3)]))
    forget = task_worker.forgetting(pool)
    assert await forget.run(datetime.now(UTC)) == 0
    assert await forget.run(datetime.now(UTC) + task_worker.FAILED_KEPT + timedelta(hours=1)) == 1


def test_pauses_grow() -> None:
    assert list(tasks.PAUSES) == sorted(tasks.PAUSES)
    assert len(tasks.PAUSES) < task_worker.STARTS_MAX


async def test_a_stop_gives_back_what_is_under_way(pool: db.Pool, database_dsn: str) -> None:
    note = Notes(seconds=600)
    await ask(pool, Wish(task="test.note"))
    async with working(pool, database_dsn, Task(name="test.note", run=note)):
        await soon(until(pool, [("test.note", "doing", 0)]))
    assert await jobs(pool) == [("test.note", "todo", 1)]


async def test_the_job_of_a_killed_worker_is_done_by_another(
    pool: db.Pool, database_dsn: str
) -> None:
    await ask(pool, Wish(task="test.endless", args={"n": 7}))
    other = await asyncio.create_subprocess_exec(
        sys.executable, "-c", ENDLESS, database_dsn, stdout=asyncio.subprocess.PIPE
    )
    assert other.stdout
    assert await asyncio.wait_for(other.stdout.readline(), 60) == b"begun\n"
    assert await jobs(pool) == [("test.endless", "doing", 0)]
    os.kill(other.pid, signal.SIGKILL)
    await other.wait()
    note = Notes()
    async with working(pool, database_dsn, Task(name="test.endless", run=note)):
        await soon(until(pool, []))
    assert note.done == [{"n": 7}]


async def test_a_job_whose_outcome_was_lost_is_done_again(pool: db.Pool, database_dsn: str) -> None:
    """The worker lives and its row says it is at it, but no such job is under way there.

    However busy the machine, its silence must not be what gives the job back.
    """
    note, patient = Notes(), replace(QUICK, silent_seconds=60)
    await ask(pool, Wish(task="test.note", at=datetime.now(UTC) + timedelta(hours=1)))
    async with working(pool, database_dsn, Task(name="test.note", run=note), pace=patient):
        lose = (
            "UPDATE procrastinate_jobs SET status = 'doing',"
            " worker_id = (SELECT max(id) FROM procrastinate_workers) RETURNING worker_id"
        )
        await soon(lambda: pool.fetchval("SELECT max(id) FROM procrastinate_workers"))
        assert await pool.fetchval(lose)
        await soon(until(pool, []))
    assert len(note.done) == 1


async def test_a_lost_job_whose_key_waits_again_is_dropped(pool: db.Pool) -> None:
    wish = Wish(task="test.note", key="same")
    for _ in range(2):
        await ask(pool, wish)
        await pool.execute("UPDATE procrastinate_jobs SET status = 'doing'")
    assert await rescue(pool, [], silent_seconds=1) == 2
    assert await jobs(pool) == [("test.note", "todo", 1)]
    await pool.execute("UPDATE procrastinate_jobs SET status = 'doing'")
    await ask(pool, wish)
    assert await rescue(pool, [], silent_seconds=1) == 1
    assert await jobs(pool) == [("test.note", "todo", 0)]


async def test_a_job_that_takes_its_process_along_is_given_up(pool: db.Pool) -> None:
    await ask(pool, Wish(task="test.note"))
    for _ in range(task_worker.STARTS_MAX):
        await pool.execute("UPDATE procrastinate_jobs SET status = 'doing'")
        await rescue(pool, [], silent_seconds=1)
    assert await jobs(pool) == [("test.note", "failed", task_worker.STARTS_MAX)]


async def test_it_goes_on_when_its_connections_are_cut(pool: db.Pool, database_dsn: str) -> None:
    note = Notes()
    cut = (
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
        " WHERE application_name = 'jishi tasks' AND datname = current_database()"
    )
    async with working(pool, database_dsn, Task(name="test.note", run=note)):
        for n in range(3):
            await ask(pool, Wish(task="test.note", args={"n": n}))
            await soon(until(pool, []))
            assert await pool.fetchval(cut)
    assert [it["n"] for it in note.done] == [0, 1, 2]


async def test_it_stops_when_asked_to_though_its_database_goes_at_the_same_moment(
    pool: db.Pool, database_dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The library then ends with what the database said, not with the cancelling."""

    async def gone(_shift: object) -> None:
        try:
            await asyncio.sleep(600)
        except asyncio.CancelledError:
            raise ConnectionResetError("gone") from None

    monkeypatch.setattr(task_worker._Shift, "run", gone)
    doing = asyncio.create_task(work(pool, database_dsn, [], clock=lambda: NOW, pace=QUICK))
    await asyncio.sleep(0.5)
    doing.cancel()
    done, _ = await asyncio.wait([doing], timeout=20)
    assert done, "it went on"
    assert doing.cancelled()
