"""The clock that reminds shops of invoices."""

from datetime import datetime, timedelta

from jishi.db import transaction
from jishi.db.context import Context
from jishi.db.jobs import Job
from jishi.flows.invoice_orders.flow import remind

BATCH = 200


def make_jobs(context: Context) -> list[Job]:
    async def run(now: datetime) -> int:
        async with transaction(context.pool) as tx:
            return await remind(tx, now=now, limit=BATCH)

    return [Job("invoice_orders.remind", timedelta(minutes=5), run)]
