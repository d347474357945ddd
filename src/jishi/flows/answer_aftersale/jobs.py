"""The clock that moves cases when nobody does."""

from datetime import datetime, timedelta

from jishi.db.context import Context
from jishi.db.jobs import Job
from jishi.flows.answer_aftersale.flow import lapse_due

EVERY = timedelta(seconds=10)


def make_jobs(context: Context) -> list[Job]:
    confirm_after = timedelta(days=context.settings.confirm_days)

    async def run(now: datetime) -> int:
        return await lapse_due(context.pool, context.maker, now, confirm_after=confirm_after)

    return [Job("answer_aftersale.due", EVERY, run)]
