"""Composition root of the worker: listeners of events, timed jobs, calls to other systems."""

import asyncio
import signal
from typing import Final

import structlog
import uvloop

from jishi import db, logs
from jishi.clock import utc_now
from jishi.db.context import Context
from jishi.db.jobs import Job, open_job, run_due
from jishi.db.nodes import lease_node
from jishi.db.outbox import BATCH, Listener, deliver, open_listener, retry_parked
from jishi.db.task_worker import forgetting, work
from jishi.db.tasks import Task
from jishi.house import outside_systems, packages
from jishi.settings import Settings

log = structlog.get_logger()

IDLE_SECONDS: Final = 0.5  # between looks at the outbox, unless a batch was full
JOB_SECONDS_MAX: Final = 5.0  # a job taken over from a process that died waits no longer
PARKED_SECONDS: Final = 5.0
POOL_SIZE: Final = 8


def run(settings: Settings, dsn: str) -> int:
    """Work until SIGTERM or SIGINT."""
    logs.configure(settings.log_level)
    uvloop.run(_run(settings, dsn))
    return 0


async def _run(settings: Settings, dsn: str) -> None:
    pool = await db.open_pool(dsn, size=POOL_SIZE, application="jishi worker")
    lease = await lease_node(pool)
    async with outside_systems(settings) as services:
        context = Context(pool=pool, maker=lease.maker, settings=settings, services=services)
        tasks = [asyncio.create_task(lease.keep())]
        tasks += [asyncio.create_task(_listen(context, each)) for each in listeners(context)]
        tasks += [asyncio.create_task(_repeat(context, each)) for each in jobs(context)]
        tasks += [asyncio.create_task(work(pool, dsn, outside(context), clock=utc_now))]
        stop = asyncio.Event()
        for each in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(each, stop.set)
        await stop.wait()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    await lease.give_back()
    await pool.close()


def listeners(context: Context) -> list[Listener]:
    """Every listener: what each package offers in its ``listeners.py``."""
    found: list[Listener] = []
    for module in packages("listeners"):
        found += getattr(module, "LISTENERS", [])
        if hasattr(module, "make_listeners"):
            found += module.make_listeners(context)
    return found


def jobs(context: Context) -> list[Job]:
    """Every timed job: what each package offers in its ``jobs.py``."""
    found: list[Job] = []
    for module in packages("jobs"):
        found += getattr(module, "JOBS", [])
        if hasattr(module, "make_jobs"):
            found += module.make_jobs(context)
    return [*found, forgetting(context.pool)]


def outside(context: Context) -> list[Task]:
    """Every task outside the database: what each package offers in its ``tasks.py``."""
    return [task for module in packages("tasks") for task in module.make_tasks(context)]


async def _listen(context: Context, listener: Listener) -> None:
    parked_at = 0.0
    opened = False
    while True:
        moved = 0
        try:
            if not opened:
                await open_listener(context.pool, listener)
                opened = True
            moved = await deliver(context.pool, listener, now=utc_now())
            clock = asyncio.get_running_loop().time()
            if clock - parked_at > PARKED_SECONDS:
                parked_at = clock
                await retry_parked(context.pool, listener, now=utc_now())
        except Exception as problem:  # noqa: BLE001 — the database may be restarting
            log.warning("listener waits", listener=listener.name, problem=str(problem))
            await asyncio.sleep(1)
        if moved < BATCH:
            await asyncio.sleep(IDLE_SECONDS)


async def _repeat(context: Context, job: Job) -> None:
    opened = False
    while True:
        try:
            if not opened:
                await open_job(context.pool, job)
                opened = True
            await run_due(context.pool, job)
        except Exception as problem:  # noqa: BLE001 — the database may be restarting
            log.warning("job waits", job=job.name, problem=str(problem))
            await asyncio.sleep(1)
        await asyncio.sleep(min(JOB_SECONDS_MAX, job.every.total_seconds()))
