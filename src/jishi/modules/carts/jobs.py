"""Timed work of carts."""

from datetime import datetime, timedelta

from jishi.db import transaction
from jishi.db.context import Context
from jishi.db.jobs import Job
from jishi.modules.carts import service


def make_jobs(context: Context) -> list[Job]:
    async def forget(now: datetime) -> int:
        async with transaction(context.pool) as tx:
            return await service.forget_visitors(tx, now=now)

    return [Job("carts.forget_visitors", timedelta(hours=6), forget)]
