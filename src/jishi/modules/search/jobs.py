"""Timed work: what events do not tell, tiers that keep their size, counts of words, old searches."""

from datetime import datetime, timedelta
from typing import Final

from jishi.db import transaction
from jishi.db.context import Context
from jishi.db.jobs import Job
from jishi.modules.search import service

SWEPT: Final = 500  # products looked at in one transaction
STEPS: Final = 5  # of those in a run: a million products take half an hour and hardly a core
MOVED: Final = 2_000  # entries that change their tier in one step
ROUND: Final = timedelta(minutes=5)  # a walk over all goods begins no sooner again


def make_jobs(context: Context) -> list[Job]:
    async def sweep(now: datetime) -> int:
        """Sales, stock, freight, stars: bring entries up to what is true."""
        for _ in range(STEPS):
            async with transaction(context.pool) as tx:
                found = await service.catch_up(tx, "sweep", limit=SWEPT, everything=False, now=now)
            if not found:
                break
        return 0

    async def begin(now: datetime) -> int:
        async with transaction(context.pool) as tx:
            await service.open_walk(tx, "sweep", anew=False, now=now)
        return 0

    async def tiers(_now: datetime) -> int:
        async with transaction(context.pool) as tx:
            return await service.settle_tiers(tx, limit=MOVED)

    async def count(now: datetime) -> int:
        async with transaction(context.pool) as tx:
            await service.recount(tx)
            await service.prune(tx, now=now)
        return 0

    return [
        Job("search.round", ROUND, begin),
        Job("search.sweep", timedelta(seconds=5), sweep),
        Job("search.tiers", timedelta(minutes=2), tiers),
        Job("search.count", timedelta(hours=6), count),
    ]
