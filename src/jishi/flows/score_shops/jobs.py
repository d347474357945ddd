"""The clock of scores: begun anew each day, a hundred shops at a time."""

from datetime import datetime, timedelta

from jishi.db import transaction
from jishi.db.context import Context
from jishi.db.jobs import Job
from jishi.flows.score_shops.flow import score_next

EVERY = timedelta(minutes=10)


def make_jobs(context: Context) -> list[Job]:
    async def run(now: datetime) -> int:
        async with transaction(context.pool) as tx:
            return await score_next(tx, zone=context.settings.zone, now=now)

    return [Job("score_shops.day", EVERY, run)]
