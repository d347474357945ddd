"""Timed work of coupons."""

from datetime import datetime, timedelta

from jishi.db import transaction
from jishi.db.context import Context
from jishi.db.jobs import Job
from jishi.modules import pricing


def make_jobs(context: Context) -> list[Job]:
    async def settle(now: datetime) -> int:
        async with transaction(context.pool) as tx:
            return await pricing.settle_claims(tx, now=now)

    return [Job("coupons.settle_claims", timedelta(minutes=10), settle)]
