"""The yearly limit of private sellers: suspended from it on, open again in the next year or as a business."""

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from jishi.db import Tx, load_sql
from jishi.kit.ids import ShopId, first_id
from jishi.modules import notices, shops

REASON: Final = "sales_limit"
SHOPS: Final = 100
_SALES: Final = load_sql(__package__, "sales_of_year")


async def check_next(tx: Tx, after_id: int, *, zone: str, now: datetime) -> int:
    """Hold the next hundred shops with a limit against it: the last one looked at, 0 when there was none."""
    rows = await tx.fetch(_SALES, after_id, SHOPS, first_id_of_year(zone=zone, now=now))
    for row in rows:
        shop_id, is_over = ShopId(row["id"]), row["sold_minor"] >= row["sales_limit_minor"]
        if is_over and not row["is_held"]:
            await shops.hold_shop(tx, shop_id, REASON, shop_id, now=now)
            facts = {"shop_id": str(shop_id), "amount_minor": row["sold_minor"]}
            kind = "standing.sales_limit"
            told = notices.Told(kind=kind, shop_id=shop_id, subject_id=shop_id, facts=facts, at=now)
            await notices.tell(tx, [told])
        elif row["is_held"] and not is_over:
            await shops.release_shop(tx, shop_id, REASON, shop_id)
    return int(rows[-1]["id"]) if rows else 0


def first_id_of_year(*, zone: str, now: datetime) -> int:
    """The lowest id that can have been made in the market's present year."""
    return first_id(datetime(now.astimezone(ZoneInfo(zone)).year, 1, 1, tzinfo=ZoneInfo(zone)))
