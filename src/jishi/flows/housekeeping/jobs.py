"""Timed forgetting."""

from datetime import datetime, timedelta
from typing import Final

from jishi.db import load_sql
from jishi.db.context import Context
from jishi.db.jobs import Job

KEYS_KEPT: Final = timedelta(days=2)
EVENTS_KEPT: Final = timedelta(days=7)
BATCH: Final = 5_000
_KEYS: Final = load_sql(__package__, "forget_keys")
_EVENTS: Final = load_sql(__package__, "forget_events")


def make_jobs(context: Context) -> list[Job]:
    async def forget_keys(now: datetime) -> int:
        return int(await context.pool.fetchval(_KEYS, now - KEYS_KEPT, BATCH))

    async def forget_events(now: datetime) -> int:
        return int(await context.pool.fetchval(_EVENTS, now - EVENTS_KEPT, BATCH))

    return [
        Job("housekeeping.forget_keys", timedelta(minutes=10), forget_keys),
        Job("housekeeping.forget_events", timedelta(minutes=10), forget_events),
    ]
