"""The clock that lets unpaid orders lapse."""

from datetime import datetime, timedelta

from jishi.db.context import Context
from jishi.db.jobs import Job
from jishi.flows.cancel_orders.flow import lapse_due

EVERY = timedelta(seconds=1)


def make_jobs(context: Context) -> list[Job]:
    async def run(now: datetime) -> int:
        return await lapse_due(context.pool, now)

    return [Job("cancel_orders.lapse", EVERY, run)]
