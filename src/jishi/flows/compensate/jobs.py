"""Judges late orders by the clock."""

from datetime import datetime, timedelta
from typing import Final

from jishi.db import transaction
from jishi.db.context import Context
from jishi.db.jobs import Job
from jishi.flows.compensate.flow import compensate_due
from jishi.flows.compensate.rules import late_rule

EVERY: Final = timedelta(minutes=1)
LIMIT: Final = 200


def make_jobs(context: Context) -> list[Job]:
    settings = context.settings
    rule = late_rule(
        late_bp=settings.late_bp,
        after_hours=settings.late_after_hours,
        cap_minor=settings.late_cap_minor,
        is_production=settings.is_production,
    )

    async def run(now: datetime) -> int:
        async with transaction(context.pool) as tx:
            return await compensate_due(tx, rule, context.maker, now=now, limit=LIMIT)

    return [Job("compensate.late_shipping", EVERY, run)]
