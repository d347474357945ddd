"""The clock that lets votes count once their accounts have a history."""

from datetime import datetime, timedelta
from typing import Final

from jishi.db import transaction
from jishi.db.context import Context
from jishi.db.jobs import Job
from jishi.flows.write_review.flow import trust_votes

EVERY: Final = timedelta(minutes=10)


def make_jobs(context: Context) -> list[Job]:
    async def run(now: datetime) -> int:
        async with transaction(context.pool) as tx:
            return await trust_votes(tx, now=now)

    return [Job("reviews.trust", EVERY, run)]
