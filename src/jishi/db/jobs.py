"""Timed work: a job runs in one process at a time, as often as it says; repeats while full."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import structlog

from jishi.db import Pool

log = structlog.get_logger()

TURNS_MAX: Final = 200  # of one job before others get their chance

_OPEN: Final = """
INSERT INTO timed_job (name, due_at) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING
"""
_CLAIM: Final = """
UPDATE timed_job SET due_at = $2 + $3::interval
WHERE name = (SELECT name FROM timed_job WHERE name = $1 AND due_at <= $2 FOR UPDATE SKIP LOCKED)
RETURNING name
"""
_REPORT: Final = """
UPDATE timed_job SET ran_at = $2, took_ms = $3, done = $4, last_error = $5 WHERE name = $1
"""


@dataclass(frozen=True, slots=True)
class Job:
    """``run(now)`` does one bounded batch and says how many it did; it is called again while > 0."""

    name: str
    every: timedelta
    run: Callable[[datetime], Awaitable[int]]


async def open_job(pool: Pool, job: Job) -> None:
    await pool.execute(_OPEN, job.name, datetime.now(UTC))


async def run_due(pool: Pool, job: Job) -> int:
    """Run ``job`` if it is due and nobody else has it; how many things it did."""
    now = datetime.now(UTC)
    if await pool.fetchval(_CLAIM, job.name, now, job.every) is None:
        return 0
    started, done, error = time.monotonic(), 0, None
    try:
        for _ in range(TURNS_MAX):
            some = await job.run(datetime.now(UTC))
            done += some
            if not some:
                break
    except Exception as problem:  # noqa: BLE001 — shown to the operator, tried again when due
        error = f"{type(problem).__name__}: {problem}"[:2000]
        log.warning("job failed", job=job.name, problem=error)
    took_ms = int((time.monotonic() - started) * 1000)
    await pool.execute(_REPORT, job.name, now, took_ms, done, error)
    return done
