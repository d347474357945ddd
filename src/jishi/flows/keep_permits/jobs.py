"""The clock of permits."""

from datetime import datetime, timedelta

from jishi.db import transaction
from jishi.db.context import Context
from jishi.db.jobs import Job
from jishi.flows.keep_permits import flow

TELL_EVERY = timedelta(hours=1)
GOODS_EVERY = timedelta(minutes=10)


def make_jobs(context: Context) -> list[Job]:
    """Notices, goods off sale, goods back on sale."""
    reached = 0  # the shop the present round came to

    async def tell(now: datetime) -> int:
        async with transaction(context.pool) as tx:
            return await flow.tell_endings(tx, now=now)

    async def take_off(now: datetime) -> int:
        nonlocal reached
        async with transaction(context.pool) as tx:
            done, reached = await flow.take_off(tx, reached, now=now)
        return done or int(reached > 0)

    async def put_back(now: datetime) -> int:
        async with transaction(context.pool) as tx:
            return await flow.put_back(tx, ids=context.maker, now=now)

    return [
        Job("keep_permits.tell", TELL_EVERY, tell),
        Job("keep_permits.take_off", GOODS_EVERY, take_off),
        Job("keep_permits.put_back", GOODS_EVERY, put_back),
    ]
