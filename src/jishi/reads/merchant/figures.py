"""Today beside yesterday. Pure: rows of the database in, figures of the page out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from jishi.kit.ids import EPOCH_MS

HOURS = 24
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
    def hours(self) -> int:
        """Whole hours of today that are over."""
        return int((self.now - self.today).total_seconds() // 3600)


@dataclass(frozen=True, slots=True, kw_only=True)
class Today:
    """Money in minor units. The lists are cumulative: how much at 0:00, 1:00 … ; yesterday's is whole."""

    orders: int
    orders_then: int
    sales_minor: int
    sales_then_minor: int
    sales: list[int]
    sales_yesterday: list[int]
    hourly_orders: list[int]

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
    """Figures from rows per day and hour: is_today, hour, orders, sales_minor, …_by_now."""
    hourly = {True: [0] * HOURS, False: [0] * HOURS}
    counts = [0] * HOURS
    orders = orders_then = sales = sales_then = 0
    for row in rows:
        hour = min(row["hour"], HOURS - 1)  # a day with a clock change has 25
        hourly[row["is_today"]][hour] += row["sales_minor"]
        if row["is_today"]:
            counts[hour] += row["orders"]
            orders += row["orders"]
            sales += row["sales_minor"]
        else:
            orders_then += row["orders_by_now"]
            sales_then += row["sales_by_now_minor"]
    return Today(
        orders=orders,
        orders_then=orders_then,
        sales_minor=sales,
        sales_then_minor=sales_then,
        sales=cumulative(hourly[True][: day.hours + 1]),
        sales_yesterday=cumulative(hourly[False]),
        hourly_orders=counts[: day.hours + 1],
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
