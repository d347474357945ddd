"""What the statements read."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from typing import Final

from jishi.db import Pool, Tx, load_sql, reading
from jishi.kit.ids import ShopId, cell_of
from jishi.kit.paging import Page, decode_cursor, page_of
from jishi.modules.payouts.rules_statement import StatementDay, Sums, part_of

LINES_MAX: Final = 50_000  # of a file
CHUNK: Final = 1_000
_DAYS: Final = load_sql(__package__, "days")
_OPENING: Final = load_sql(__package__, "opening")
_LINES: Final = load_sql(__package__, "lines")


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """A day or a month of the market: ``until`` is not included."""

    since: date
    until: date

    @property
    def name(self) -> str:
        return self.since.isoformat() if self.is_day else f"{self.since:%Y-%m}"

    @property
    def is_day(self) -> bool:
        return self.until - self.since == timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """Minor units; ``days`` are those with something on them, oldest first."""

    period: Period
    opening_minor: int
    days: list[StatementDay]
    closed: frozenset[date]

    @property
    def sums(self) -> Sums:
        total = Sums()
        for day in self.days:
            total = total.plus(day.sums)
        return total

    @property
    def closing_minor(self) -> int:
        return self.opening_minor + self.sums.change_minor


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A transfer in a statement; ``subject_id`` of a withdrawal is the withdrawal."""

    transfer_id: int
    kind: str
    order_id: int
    subject_id: int
    occurred_at: datetime
    change_minor: int
    fee_minor: int

    @property
    def part(self) -> str:
        return part_of(self.kind)


async def get_statement(tx: Tx, shop_id: ShopId, period: Period, *, zone: str) -> Statement:
    """The statement of a day or month. Re-added from the ledger but for days already closed."""
    cell = cell_of(shop_id)
    opening = await tx.fetchval(_OPENING, cell, shop_id, period.since, zone)
    rows = await tx.fetch(_DAYS, cell, shop_id, period.since, period.until, zone)
    balance, days = opening, []
    for row in rows:
        sums = Sums(**{each.name: row[each.name] for each in fields(Sums)})
        day = StatementDay(
            day=row["day"], opening_minor=balance, sums=sums, transfers=row["transfers"]
        )
        days.append(day)
        balance = day.closing_minor
    closed = frozenset(row["day"] for row in rows if row["is_closed"])
    return Statement(period=period, opening_minor=opening, days=days, closed=closed)


async def list_lines(
    tx: Tx, shop_id: ShopId, day: date, *, zone: str, cursor: str | None, size: int
) -> Page[Line]:
    """The transfers of a day, oldest first. Raises CursorInvalid."""
    after = (decode_cursor(cursor, int) or (0,))[0]
    rows = await tx.fetch(_LINES, cell_of(shop_id), shop_id, day, zone, after, size + 1)
    return page_of([Line(**row) for row in rows], size, lambda it: (it.transfer_id,))


async def each_line(
    pool: Pool, shop_id: ShopId, days: list[date], *, zone: str, most: int = LINES_MAX
) -> AsyncIterator[tuple[date, list[Line]]]:
    """The transfers of some days in chunks of at most a thousand, a short look at the database each."""
    left = most
    for day in days:
        cursor: str | None = None
        while left > 0:
            async with reading(pool) as tx:
                size = min(CHUNK, left)
                found = await list_lines(tx, shop_id, day, zone=zone, cursor=cursor, size=size)
            left -= len(found.items)
            yield day, found.items
            cursor = found.next_cursor
            if cursor is None:
                break
