"""The steps of closing; each takes the caller's transaction."""

from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from jishi.db import Tx, load_sql

GRACE: Final = timedelta(hours=1)  # after midnight; what is under way then has long been booked
BATCH: Final = 200
_RUN: Final = load_sql(__package__, "lock_run")
_MOVE_RUN: Final = load_sql(__package__, "move_run")
_SHOPS: Final = load_sql(__package__, "shops_after")
_CLOSE: Final = load_sql(__package__, "close_days")


def cut_of(now: datetime, zone: str) -> datetime:
    """The first instant of the day that stays open: today, or yesterday while today is young."""
    local = (now - GRACE).astimezone(ZoneInfo(zone))
    return local.replace(hour=0, minute=0, second=0, microsecond=0)


async def close_batch(tx: Tx, *, now: datetime, zone: str, limit: int = BATCH) -> int:
    """Close the days of the next shops; how many shops were looked at. 0: all are done for today."""
    cut = cut_of(now, zone)
    run = await tx.fetchrow(_RUN, cut.date())
    if run is None or run["done_at"] is not None:
        return 0
    shops = await tx.fetch(_SHOPS, run["after_cell"], run["after_shop_id"], limit)
    await close_shops(tx, [(row["cell"], row["shop_id"]) for row in shops], cut=cut, zone=zone)
    last = shops[-1] if shops else None
    moved = (last["cell"], last["shop_id"]) if last else (run["after_cell"], run["after_shop_id"])
    await tx.execute(_MOVE_RUN, cut.date(), *moved, None if len(shops) == limit else now)
    return len(shops)


async def close_shops(tx: Tx, shops: list[tuple[int, int]], *, cut: datetime, zone: str) -> int:
    """Close these shops' days before ``cut``, the start of a day; how many days."""
    cells, ids = [cell for cell, _ in shops], [shop_id for _, shop_id in shops]
    day: date = cut.date()
    return int(await tx.fetchval(_CLOSE, cells, ids, day, cut, zone)) if shops else 0
