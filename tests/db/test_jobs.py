import asyncio
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from jishi.db import Pool
from jishi.db.jobs import CLAIM, TURNS_MAX, Job, open_job, run_due

_numbers = count(1)


async def a_job(pool: Pool, run: Any, *, every: timedelta = timedelta(hours=1)) -> Job:
    job = Job(f"tests.job_{next(_numbers)}", every, run)
    await open_job(pool, job)
    return job


async def row_of(pool: Pool, job: Job) -> Any:
    return await pool.fetchrow("SELECT * FROM timed_job WHERE name = $1", job.name)


async def make_due(pool: Pool, job: Job) -> None:
    await pool.execute("UPDATE timed_job SET due_at = 'epoch' WHERE name = $1", job.name)


class Work:
    """So many things to do, a batch at a time."""

    def __init__(self, left: int, batch: int = 10) -> None:
        self.left, self.batch, self.turns = left, batch, 0

    async def __call__(self, now: datetime) -> int:
        assert now.tzinfo is not None
        self.turns += 1
        some = min(self.left, self.batch)
        self.left -= some
        return some


async def test_a_job_repeats_while_there_is_work_and_reports(pool: Pool) -> None:
    work = Work(35)
    job = await a_job(pool, work)
    assert await run_due(pool, job) == 35
    assert work.turns == 5
    row = await row_of(pool, job)
    assert (row["done"], row["last_error"]) == (35, None)
    assert row["took_ms"] >= 0
    assert row["due_at"] > datetime.now(UTC) + timedelta(minutes=59)


async def test_a_job_that_is_not_due_does_not_run(pool: Pool) -> None:
    work = Work(5)
    job = await a_job(pool, work)
    await run_due(pool, job)
    assert await run_due(pool, job) == 0
    assert work.turns == 2


async def test_opening_a_job_again_keeps_its_clock(pool: Pool) -> None:
    job = await a_job(pool, Work(0))
    await run_due(pool, job)
    before = await row_of(pool, job)
    await open_job(pool, job)
    assert await row_of(pool, job) == before


async def test_endless_work_lets_others_have_their_chance(pool: Pool) -> None:
    work = Work(10**9)
    job = await a_job(pool, work)
    assert await run_due(pool, job) == TURNS_MAX * 10
    assert work.turns == TURNS_MAX


async def test_of_many_processes_one_runs_a_due_job(pool: Pool) -> None:
    work = Work(10)
    job = await a_job(pool, work)
    for _ in range(5):
        await make_due(pool, job)
        work.left, work.turns = 10, 0
        assert sorted(await asyncio.gather(*(run_due(pool, job) for _ in range(8)))) == [0] * 7 + [
            10
        ]
        assert work.turns == 2


async def test_a_job_that_takes_longer_than_its_interval_is_not_started_twice(pool: Pool) -> None:
    doors, running, most = asyncio.Event(), 0, 0

    async def slow(_now: datetime) -> int:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await doors.wait()
        running -= 1
        return 0

    job = await a_job(pool, slow, every=timedelta(milliseconds=10))
    first = asyncio.create_task(run_due(pool, job))
    while not running:  # noqa: ASYNC110 — the job tells nobody
        await asyncio.sleep(0.005)
    await asyncio.sleep(0.05)
    second = asyncio.create_task(run_due(pool, job))
    await asyncio.sleep(0.05)
    doors.set()
    await asyncio.gather(first, second)
    assert most == 1


async def test_a_short_interval_is_kept_after_a_run(pool: Pool) -> None:
    work = Work(1)
    job = await a_job(pool, work, every=timedelta(milliseconds=20))
    assert await run_due(pool, job) == 1
    await asyncio.sleep(0.05)
    work.left = 1
    assert await run_due(pool, job) == 1


async def test_a_failing_job_shows_why_and_runs_again_when_due(pool: Pool) -> None:
    async def broken(_now: datetime) -> int:
        raise ValueError("no more paper")

    job = await a_job(pool, broken, every=timedelta(milliseconds=1))
    assert await run_due(pool, job) == 0
    row = await row_of(pool, job)
    assert row["last_error"] == "ValueError: no more paper"
    assert row["ran_at"] is not None
    mended = Job(job.name, job.every, Work(3))
    await asyncio.sleep(0.01)
    assert await run_due(pool, mended) == 3
    assert (await row_of(pool, job))["last_error"] is None


async def test_a_process_that_stops_in_the_middle_leaves_the_job_to_the_next(pool: Pool) -> None:
    started = asyncio.Event()

    async def endless(_now: datetime) -> int:
        started.set()
        await asyncio.Event().wait()
        return 0

    job = await a_job(pool, endless, every=timedelta(milliseconds=1))
    running = asyncio.create_task(run_due(pool, job))
    await started.wait()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await asyncio.sleep(0.01)
    assert await run_due(pool, Job(job.name, job.every, Work(3))) == 3


async def test_a_process_that_was_killed_delays_the_job_a_minute_at_most(pool: Pool) -> None:
    started, doors = asyncio.Event(), asyncio.Event()

    async def endless(_now: datetime) -> int:
        started.set()
        await doors.wait()
        return 0

    job = await a_job(pool, endless, every=timedelta(milliseconds=1))
    running = asyncio.create_task(run_due(pool, job))
    await started.wait()
    due_at = (await row_of(pool, job))["due_at"]  # as a killed process leaves it
    assert datetime.now(UTC) < due_at <= datetime.now(UTC) + CLAIM
    doors.set()
    await running
