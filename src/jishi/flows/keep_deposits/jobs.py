"""The clock of deposits."""

from datetime import datetime, timedelta

from jishi.db import transaction
from jishi.db.context import Context
from jishi.db.jobs import Job
from jishi.flows.keep_deposits import flow
from jishi.modules import deposits

ASK_EVERY = timedelta(hours=1)
SUSPEND_EVERY = timedelta(minutes=10)
RETURN_EVERY = timedelta(hours=1)


def make_jobs(context: Context) -> list[Job]:
    """What is asked, who is late, what goes back."""
    reached = 0  # the shop the present round came to

    async def ask(now: datetime) -> int:
        nonlocal reached
        async with transaction(context.pool) as tx:
            reached = await flow.ask_next(tx, reached, now=now)
        return int(reached > 0)

    async def suspend(now: datetime) -> int:
        async with transaction(context.pool) as tx:
            return await flow.suspend_overdue(tx, now=now)

    async def give_back(now: datetime) -> int:
        async with transaction(context.pool) as tx:
            found = await deposits.returnable(tx, now=now)
            done = [await flow.give_back(tx, it, ids=context.maker, now=now) for it in found]
        return sum(done)

    return [
        Job("keep_deposits.ask", ASK_EVERY, ask),
        Job("keep_deposits.suspend", SUSPEND_EVERY, suspend),
        Job("keep_deposits.give_back", RETURN_EVERY, give_back),
    ]
