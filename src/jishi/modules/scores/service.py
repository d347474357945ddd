"""What the rest of Jishi may ask of scores. Each call runs inside the caller's transaction."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Final

from jishi.db import Tx
from jishi.kit.ids import ShopId
from jishi.modules.scores import rules, storage
from jishi.modules.scores.types import Counted, DayScore

BATCH: Final = 100
HISTORY_DAYS: Final = 90


async def open_run(tx: Tx, day: date) -> tuple[dict[str, Counted], int, bool]:
    """Hold the day's run until ``tx`` ends: the market it compares with, the last shop scored, whether done.

    The market is what all shops counted the day before; empty on the first day, then rules.START holds.
    """
    return await storage.open_run(tx, day)


async def next_shops(tx: Tx, after_id: int) -> list[ShopId]:
    """The next hundred shops to score, in order of their ids."""
    return await storage.shops_after(tx, after_id, limit=BATCH)


async def write_scores(
    tx: Tx,
    day: date,
    counted: Mapping[ShopId, Mapping[str, Counted]],
    market: Mapping[str, Counted],
    *,
    now: datetime,
) -> None:
    """Score the shops and move the run on; none left ends it."""
    if not counted:
        await storage.move_run(tx, day, 0, now)
        return
    rows = [(shop_id, *rules.scored(own, market)) for shop_id, own in counted.items()]
    await storage.write(tx, day, rules.FORMULA, rows, now=now)
    await storage.move_run(tx, day, max(counted), None)


async def newest(tx: Tx, shop_id: ShopId) -> DayScore | None:
    """The newest score of a shop; None before its first day."""
    found = await storage.newest(tx, shop_id, limit=1)
    return found[0] if found else None


async def history(tx: Tx, shop_id: ShopId) -> list[DayScore]:
    """The newest first, at most 90 days."""
    return await storage.newest(tx, shop_id, limit=HISTORY_DAYS)
