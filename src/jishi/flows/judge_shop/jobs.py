"""The clock of cases: each acts in a transaction of its own, so that one cannot hold up the others."""

from datetime import datetime, timedelta

from jishi.db import reading, transaction
from jishi.db.context import Context
from jishi.db.jobs import Job
from jishi.flows.judge_shop import effects, flow
from jishi.modules import penalties

EVERY = timedelta(minutes=1)


def make_jobs(context: Context) -> list[Job]:
    """Cases whose time has come, and penalties whose time is over."""

    async def pass_time(now: datetime) -> int:
        async with reading(context.pool) as tx:
            due = await penalties.due(tx, now=now)
        done = 0
        for case_id in due:
            async with transaction(context.pool) as tx:
                done += await flow.pass_time(tx, case_id, ids=context.maker, now=now)
        return done

    async def end(now: datetime) -> int:
        async with transaction(context.pool) as tx:
            return await effects.end(tx, now=now)

    return [Job("judge_shop.pass_time", EVERY, pass_time), Job("judge_shop.end", EVERY, end)]
