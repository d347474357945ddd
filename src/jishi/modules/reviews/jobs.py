"""The clock that ranks reviews anew whose weight has changed without anyone touching them."""

from datetime import datetime, timedelta
from typing import Final

from jishi.db import transaction
from jishi.db.context import Context
from jishi.db.jobs import Job
from jishi.modules.reviews.service import rank_due

EVERY: Final = timedelta(seconds=30)
BATCH: Final = 500


def make_jobs(context: Context) -> list[Job]:
    async def run(now: datetime) -> int:  # noqa: ARG001 - a rank knows its day
        async with transaction(context.pool) as tx:
            return await rank_due(tx, limit=BATCH)

    return [Job("reviews.rank", EVERY, run)]
