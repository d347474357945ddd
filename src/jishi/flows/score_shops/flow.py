"""One batch of the day's scores."""

from datetime import date, datetime, time
from typing import Final
from zoneinfo import ZoneInfo

from jishi.db import Tx, load_sql
from jishi.kit.ids import ShopId, first_id
from jishi.modules import payouts, scores
from jishi.modules.scores import Counted
from jishi.modules.scores.types import WINDOW

_COUNT: Final = load_sql(__package__, "count_figures")
_SCORES: Final = load_sql(__package__, "scores_of_day")


async def score_next(tx: Tx, *, zone: str, now: datetime) -> int:
    """Score the next hundred shops for today: how many; 0 when every shop has its score."""
    day = now.astimezone(ZoneInfo(zone)).date()
    market, after_id, is_done = await scores.open_run(tx, day)
    if is_done:
        return 0
    shop_ids = await scores.next_shops(tx, after_id)
    counted = await count(tx, shop_ids, day, zone=zone) if shop_ids else {}
    await scores.write_scores(tx, day, counted, market, now=now)
    await set_terms(tx, shop_ids, day, now=now)
    return len(shop_ids)


async def set_terms(tx: Tx, shop_ids: list[ShopId], day: date, *, now: datetime) -> None:
    """From now on the shops' money may be withdrawn as long after completion as their scores say."""
    rows = await tx.fetch(_SCORES, shop_ids, day) if shop_ids else []
    days = {row["shop_id"]: scores.settlement_days(row["score"], row["kind"]) for row in rows}
    await payouts.set_terms(tx, days, now=now)


async def count(
    tx: Tx, shop_ids: list[ShopId], day: date, *, zone: str
) -> dict[ShopId, dict[str, Counted]]:
    """What every figure counts for each shop over the thirty days before ``day``."""
    start, end = window(day, zone=zone)
    rows = await tx.fetch(_COUNT, shop_ids, first_id(start), first_id(end) - 1, end)
    found: dict[ShopId, dict[str, Counted]] = {it: {} for it in shop_ids}
    for row in rows:
        found[row["shop_id"]][row["figure"]] = Counted(int(row["good"]), int(row["total"]))
    return found


def window(day: date, *, zone: str) -> tuple[datetime, datetime]:
    """The first instant of the thirty days, and the first after them."""
    end = datetime.combine(day, time(), ZoneInfo(zone))
    return end - WINDOW, end
