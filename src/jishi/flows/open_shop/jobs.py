"""The clock of yearly limits."""

from datetime import datetime, timedelta

from jishi.db import transaction
from jishi.db.context import Context
from jishi.db.jobs import Job
from jishi.flows.open_shop.limits import check_next

EVERY = timedelta(minutes=30)


def make_jobs(context: Context) -> list[Job]:
    reached = 0  # the shop the present round came to

    async def run(now: datetime) -> int:
        nonlocal reached
        async with transaction(context.pool) as tx:
            reached = await check_next(tx, reached, zone=context.settings.zone, now=now)
        return int(reached > 0)

    return [Job("open_shop.limits", EVERY, run)]
