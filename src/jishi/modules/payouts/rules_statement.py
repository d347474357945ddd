"""A shop's statement: which line a transfer belongs to, and days that add up. Pure.

``statement_part.sql``, ``statement_open_lines.sql`` and ``close_days.sql`` repeat it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

PARTS: Final[Mapping[str, str]] = {
    "complete": "sales",
    "refund_settled": "refunds",
    "penalty": "penalties",
    "penalty_back": "penalties",
    "compensation": "compensation",
    "deposit": "deposits",
    "deposit_back": "deposits",
    "withdraw": "withdrawals",
    "withdraw_failed": "withdrawals",
    "withdraw_returned": "withdrawals",
}
OTHER: Final = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementLine:
    """What a transfer changed of what a shop has, and the market's fee in it; minor units."""

    transfer_id: int
    kind: str
    occurred_at: datetime
    change_minor: int
    fee_minor: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """The lines of a statement, minor units: + came, − went."""

    sales_minor: int = 0
    fees_minor: int = 0
    refunds_minor: int = 0
    penalties_minor: int = 0
    compensation_minor: int = 0
    deposits_minor: int = 0
    withdrawals_minor: int = 0
    other_minor: int = 0

    @property
    def change_minor(self) -> int:
        return sum(getattr(self, each.name) for each in fields(self))

    def plus(self, other: "Sums") -> "Sums":
        return Sums(
            **{it.name: getattr(self, it.name) + getattr(other, it.name) for it in fields(self)}
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementDay:
    day: date
    opening_minor: int
    sums: Sums
    transfers: int

    @property
    def closing_minor(self) -> int:
        return self.opening_minor + self.sums.change_minor


def part_of(kind: str) -> str:
    return PARTS.get(kind, OTHER)


def day_of(line: StatementLine, *, open_from: date | None, zone: str) -> date:
    """The day a line belongs to: its own, or the first open one when its own was closed before."""
    own = line.occurred_at.astimezone(ZoneInfo(zone)).date()
    return max(own, open_from) if open_from else own


def sums_of(lines: Iterable[StatementLine]) -> Sums:
    found = dict.fromkeys((each.name for each in fields(Sums)), 0)
    for line in lines:
        found["fees_minor"] += line.fee_minor
        found[f"{part_of(line.kind)}_minor"] += line.change_minor - line.fee_minor
    return Sums(**found)


def days_of(
    lines: Iterable[StatementLine],
    *,
    balance_minor: int = 0,
    open_from: date | None = None,
    zone: str,
) -> list[StatementDay]:
    """Days with something on them, oldest first; each opens with what the one before closed with."""
    by_day: dict[date, list[StatementLine]] = {}
    for line in lines:
        by_day.setdefault(day_of(line, open_from=open_from, zone=zone), []).append(line)
    days = []
    for day in sorted(by_day):
        found = StatementDay(
            day=day,
            opening_minor=balance_minor,
            sums=sums_of(by_day[day]),
            transfers=len(by_day[day]),
        )
        days.append(found)
        balance_minor = found.closing_minor
    return days
