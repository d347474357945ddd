"""Timed work: forgetting sessions, codes and rate limits that are long over."""

from datetime import datetime, timedelta

from jishi.db import transaction
from jishi.db.context import Context
from jishi.db.jobs import Job
from jishi.modules.accounts import service_sessions
from jishi.web import limits


def make_jobs(context: Context) -> list[Job]:
    async def forget(now: datetime) -> int:
        async with transaction(context.pool) as tx:
            return await service_sessions.forget_old(tx, now=now) + await limits.forget_old(
                tx, now=now
            )

    return [Job("accounts.forget", timedelta(minutes=10), forget)]
