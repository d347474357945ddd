"""Today beside yesterday. Pure: rows of the database in, figures of the page out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from jishi.kit.ids import EPOCH_MS

SLOT_SECONDS = 900
SLOTS = 96  # quarter hours of a day
BASIS_POINTS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """The instants that part a shop's today from its yesterday."""

    yesterday: datetime
    today: datetime
    now: datetime

    @property
    def then(self) -> datetime:
        """This time yesterday; never after yesterday's end, however long a day with a clock change."""
        return min(self.yesterday + (self.now - self.today), self.today - timedelta(microseconds=1))

    @property
    def slot(self) -> int:
        """The quarter hour of today it is now, counted from 0."""
        return min(int((self.now - self.today).total_seconds()) // SLOT_SECONDS, SLOTS - 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Today:
    """Money in minor units. The lists are cumulative: how much at 0:00, 0:15 … ; yesterday's is whole."""

    orders: int
    orders_then: int
    sales_minor: int
    sales_then_minor: int
    sales: list[int]
    sales_yesterday: list[int]
    orders_by_now: list[int]

    @property
    def basket_minor(self) -> int:
        return self.sales_minor // self.orders if self.orders else 0

    @property
    def basket_then_minor(self) -> int:
        return self.sales_then_minor // self.orders_then if self.orders_then else 0


def day_of(now: datetime, zone: str) -> Day:
    """Today and yesterday of ``zone`` as instants."""
    local = now.astimezone(ZoneInfo(zone))
    start = local.replace(hour=0, minute=0, second=0, microsecond=0)
    before = (start - timedelta(hours=12)).replace(hour=0)
    return Day(yesterday=before, today=start, now=now)


def month_of(now: datetime, zone: str) -> tuple[datetime, datetime]:
    """The first instants of this month and the next in ``zone``."""
    local = now.astimezone(ZoneInfo(zone))
    start = local.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return start, (start + timedelta(days=32)).replace(day=1)


def oldest_id(moment: datetime) -> int:
    """The lowest id that can have been made at ``moment`` or later; ids carry their time."""
    return max((int(moment.timestamp() * 1000) - EPOCH_MS) << 22, 0)


def today_of(rows: Iterable[Mapping[str, Any]], day: Day) -> Today:
    """Figures from rows per day and quarter hour: is_today, slot, orders, sales_minor, …_by_now."""
    sales = {True: [0] * SLOTS, False: [0] * SLOTS}
    orders = {True: [0] * SLOTS, False: [0] * SLOTS}
    orders_then = sales_then = 0
    for row in rows:
        slot = min(row["slot"], SLOTS - 1)  # a day with a clock change is an hour longer
        sales[row["is_today"]][slot] += row["sales_minor"]
        orders[row["is_today"]][slot] += row["orders"]
        if not row["is_today"]:
            orders_then += row["orders_by_now"]
            sales_then += row["sales_by_now_minor"]
    return Today(
        orders=sum(orders[True]),
        orders_then=orders_then,
        sales_minor=sum(sales[True]),
        sales_then_minor=sales_then,
        sales=cumulative(sales[True][: day.slot + 1]),
        sales_yesterday=cumulative(sales[False]),
        orders_by_now=cumulative(orders[True][: day.slot + 1]),
    )


def cumulative(values: Iterable[int]) -> list[int]:
    """Running totals, beginning with 0."""
    totals = [0]
    for value in values:
        totals.append(totals[-1] + value)
    return totals


def change_bp(now: int, then: int) -> int | None:
    """By how much more than before, in basis points, rounded to the nearest; None from nothing."""
    if then == 0:
        return None
    return ((now - then) * BASIS_POINTS * 2 + then) // (then * 2)
