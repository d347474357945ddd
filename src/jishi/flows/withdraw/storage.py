"""What this flow reads over several modules. Decides nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from jishi.db import Row, Tx, load_sql
from jishi.kit.ids import ShopId, cell_of
from jishi.kit.paging import Page, id_below, page_of
from jishi.modules.payouts.types import Standing

PAYABLE: Final = "payable:shop"
RECEIVABLE: Final = "receivable:shop"
_STANDING: Final = "SELECT * FROM payout_standing($1, $2, $3)"
_LOCK_MONEY: Final = load_sql(__package__, "lock_money")
_OWING: Final = load_sql(__package__, "owing")
_RELEASES: Final = load_sql(__package__, "releases")
_ALL: Final = load_sql(__package__, "list_all")
_BY_DAY: Final = load_sql(__package__, "totals_by_day")


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """Money that becomes free on a day of the market, minor units."""

    day: date
    orders: int
    minor: int


async def standing(tx: Tx, shop_id: ShopId, *, now: datetime) -> Standing:
    """What the shop's money stands at; the same on page, in the API and under lock."""
    return Standing(**await tx.fetchrow(_STANDING, cell_of(shop_id), shop_id, now))


async def releases(
    tx: Tx, shop_id: ShopId, *, days: int, now: datetime, zone: str
) -> list[Release]:
    """When what is in the cycle becomes free; a row per day."""
    rows = await tx.fetch(_RELEASES, cell_of(shop_id), shop_id, now, days, zone)
    return [Release(**row) for row in rows]


async def lock_money(
    tx: Tx, shops: Sequence[ShopId], *, clearing: bool
) -> dict[ShopId, tuple[int, int]]:
    """What each shop has and owes, held until ``tx`` ends. ``clearing``: money is about to go there."""
    rows = await tx.fetch(_LOCK_MONEY, list(shops), clearing)
    found = {(row["kind"], row["party_id"]): row["minor"] for row in rows}
    return {it: (found.get((PAYABLE, it), 0), found.get((RECEIVABLE, it), 0)) for it in shops}


async def list_owing(tx: Tx, *, limit: int) -> list[ShopId]:
    """Shops that owe and have something: those that are set off drop out by it."""
    return [ShopId(row["shop_id"]) for row in await tx.fetch(_OWING, limit)]


async def list_all(
    tx: Tx, states: Sequence[str], *, for_market: bool, cursor: str | None, size: int
) -> Page[Row]:
    """Withdrawals of all shops, the newest first. Raises CursorInvalid."""
    rows = await tx.fetch(_ALL, list(states), for_market, id_below(cursor), size + 1)
    return page_of(rows, size, lambda row: (row["id"],))


async def totals_by_day(tx: Tx, *, now: datetime, zone: str, days: int) -> list[Row]:
    """What was paid out and what came back on each of the last days, the newest first."""
    local = now.astimezone(ZoneInfo(zone)).replace(hour=0, minute=0, second=0, microsecond=0)
    found: list[Row] = await tx.fetch(_BY_DAY, local - timedelta(days=days - 1), zone)
    return found
