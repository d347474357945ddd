"""The clock that confirms receipt."""

from datetime import datetime, timedelta

from jishi.db.context import Context
from jishi.db.jobs import Job
from jishi.flows.complete_orders.flow import complete_due

EVERY = timedelta(seconds=1)


def make_jobs(context: Context) -> list[Job]:
    async def run(now: datetime) -> int:
        return await complete_due(context.pool, now)

    return [Job("complete_orders.due", EVERY, run)]
