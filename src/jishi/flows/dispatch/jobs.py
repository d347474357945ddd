"""Finishes labels that stayed asked or cancelling: a process died, or a carrier did not answer."""

from datetime import datetime, timedelta
from typing import Final

from jishi.db import transaction
from jishi.db.context import Context
from jishi.db.jobs import Job
from jishi.flows.dispatch import labels
from jishi.modules.fulfilment import Carriers, label_book

EVERY: Final = timedelta(seconds=5)
LIMIT: Final = 50
AGAIN_IN: Final = timedelta(minutes=2)


def make_jobs(context: Context) -> list[Job]:
    carriers: Carriers = context.services.get("carriers", {})

    async def finish(now: datetime) -> int:
        async with transaction(context.pool) as tx:
            due = await label_book.claim_due(tx, now=now, limit=LIMIT, again_at=now + AGAIN_IN)
            for waybill, attempts in due:
                if attempts >= labels.ATTEMPTS_MAX:
                    await labels.give_up(tx, waybill, now=now)
        again = [waybill for waybill, attempts in due if attempts < labels.ATTEMPTS_MAX]
        await labels.finish(context.pool, carriers, again, now=now)
        return len(due)

    return [Job("dispatch.finish_labels", EVERY, finish)]
