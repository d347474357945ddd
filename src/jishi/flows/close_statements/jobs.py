"""The clock that closes shops' days after midnight of the market."""

from datetime import datetime, timedelta

from jishi.db import transaction
from jishi.db.context import Context
from jishi.db.jobs import Job
from jishi.flows.close_statements.flow import close_batch

EVERY = timedelta(minutes=5)


def make_jobs(context: Context) -> list[Job]:
    async def run(now: datetime) -> int:
        async with transaction(context.pool) as tx:
            return await close_batch(tx, now=now, zone=context.settings.zone)

    return [Job("close_statements.days", EVERY, run)]
