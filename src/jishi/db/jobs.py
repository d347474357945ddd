"""Timed work: a job runs in one process at a time, as often as it says; repeats while full.

Owns table ``timed_job``.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import structlog

from jishi.db import Pool

log = structlog.get_logger()

TURNS_MAX: Final = 200  # of one job before others get their chance
TURN_SECONDS: Final = 20.0  # no further turn is begun after that
# How long a running job is nobody else's; a process that was killed in the middle delays it so long.
CLAIM: Final = timedelta(minutes=1)

_OPEN: Final = """
INSERT INTO timed_job (name, due_at) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING
"""
_CLAIM: Final = """
UPDATE timed_job SET due_at = $2 + $3::interval
WHERE name = (SELECT name FROM timed_job WHERE name = $1 AND due_at <= $2 FOR UPDATE SKIP LOCKED)
RETURNING name
"""
_REPORT: Final = """
UPDATE timed_job SET ran_at = $2::timestamptz, took_ms = $3, done = $4, last_error = $5,
    due_at = $2::timestamptz + $6::interval
WHERE name = $1
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
    if await pool.fetchval(_CLAIM, job.name, now, max(job.every, CLAIM)) is None:
        return 0
    started, done, error = time.monotonic(), 0, None
    try:
        for _ in range(TURNS_MAX):
            some = await job.run(datetime.now(UTC))
            done += some
            if not some or time.monotonic() - started > TURN_SECONDS:
                break
    except asyncio.CancelledError:
        await pool.execute(_REPORT, job.name, now, _ms_since(started), done, "stopped", job.every)
        raise
    except Exception as problem:  # noqa: BLE001 — shown to the operator, tried again when due
        error = f"{type(problem).__name__}: {problem}"[:2000]
        log.warning("job failed", job=job.name, problem=error)
    await pool.execute(_REPORT, job.name, now, _ms_since(started), done, error, job.every)
    return done


def _ms_since(started: float) -> int:
    return int((time.monotonic() - started) * 1000)
