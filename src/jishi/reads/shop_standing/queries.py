"""Reads about a shop's standing. SELECT only."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from jishi.db import Row, Tx, load_sql
from jishi.kit.ids import EPOCH_MS, ID_MAX, ShopId
from jishi.kit.paging import Page, decode_cursor, page_of
from jishi.modules.scores.types import WINDOW

_CASES: Final = load_sql(__package__, "cases")
_CASE: Final = load_sql(__package__, "case")
_ORDERS: Final = load_sql(__package__, "orders_of_figure")
SHIFT: Final = 22  # bits of an id below its milliseconds; source: kit.ids


async def list_cases(
    tx: Tx, shop_id: ShopId | None, states: Sequence[str] | None, *, cursor: str | None, size: int
) -> Page[Row]:
    """The newest first. Raises CursorInvalid."""
    before = decode_cursor(cursor, int) or (ID_MAX,)
    rows = list(await tx.fetch(_CASES, shop_id, states, before[0], size + 1))
    return page_of(rows, size, lambda row: (row["id"],))


async def case_parts(tx: Tx, case_id: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Evidence in order, and steps with the newest first."""
    row = await tx.fetchrow(_CASE, case_id)
    assert row
    return [_dated(it) for it in row["evidence"] or ()], [_dated(it) for it in row["steps"] or ()]


async def orders_of_figure(
    tx: Tx,
    shop_id: ShopId,
    figure: str,
    day: date,
    *,
    zone: str,
    only_bad: bool,
    cursor: str | None,
    size: int,
) -> Page[Row]:
    """What a figure of ``day`` counted; disputes and returns that came later show as they are now.

    Raises CursorInvalid.
    """
    end = datetime.combine(day, time(), ZoneInfo(zone))
    lowest, highest = _first_id(end - WINDOW), _first_id(end)
    before = decode_cursor(cursor, int) or (highest,)
    rows = list(
        await tx.fetch(
            _ORDERS, shop_id, figure, lowest, min(before[0], highest), end, only_bad, size + 1
        )
    )
    return page_of(rows, size, lambda row: (row["id"],))


def _first_id(at: datetime) -> int:
    since = at - datetime.fromtimestamp(EPOCH_MS / 1000, at.tzinfo)
    return max(since // timedelta(milliseconds=1), 0) << SHIFT


def _dated(it: dict[str, Any]) -> dict[str, Any]:
    return it | {"at": datetime.fromisoformat(it["at"])}
