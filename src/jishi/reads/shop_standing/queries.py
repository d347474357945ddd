"""Reads about a shop's standing. SELECT only."""

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any, Final
from zoneinfo import ZoneInfo

from jishi.db import Row, Tx, load_sql
from jishi.kit.ids import ShopId, first_id
from jishi.kit.paging import Page, decode_cursor, id_below, page_of
from jishi.modules.scores.types import WINDOW

_CASES: Final = load_sql(__package__, "cases")
_CASE: Final = load_sql(__package__, "case")
_ORDERS: Final = load_sql(__package__, "orders_of_figure")
# Which cases a page shows; ``cases`` then tells what stands in it.
_OF_SHOP: Final = """
SELECT id, clock_at FROM violation WHERE cell = cell_of($1) AND shop_id = $1 AND id < $2
ORDER BY id DESC LIMIT $3
"""
_WAITING: Final = """
SELECT id, clock_at FROM violation
WHERE state IN ('answered', 'appealed') AND ($1::timestamptz IS NULL OR (clock_at, id) > ($1, $2::bigint))
ORDER BY clock_at, id LIMIT $3
"""
_IN_STATES: Final = """
SELECT c.id, c.clock_at FROM unnest($1::text[]) s (state) CROSS JOIN LATERAL (
    SELECT v.id, v.clock_at FROM violation v WHERE v.state = s.state AND v.id < $2 ORDER BY v.id DESC LIMIT $3
) c
ORDER BY c.id DESC LIMIT $3
"""


async def cases_of_shop(tx: Tx, shop_id: ShopId, *, cursor: str | None, size: int) -> Page[Row]:
    """The newest first. Raises CursorInvalid."""
    found = await tx.fetch(_OF_SHOP, shop_id, id_below(cursor), size + 1)
    return await _shown(tx, page_of(found, size, lambda row: (row["id"],)))


async def cases_waiting(tx: Tx, *, cursor: str | None, size: int) -> Page[Row]:
    """Those an operator must rule or judge, the nearest end of their time first. Raises CursorInvalid."""
    after = decode_cursor(cursor, datetime, int) or (None, None)
    found = await tx.fetch(_WAITING, *after, size + 1)
    return await _shown(tx, page_of(found, size, lambda row: (row["clock_at"], row["id"])))


async def cases_in(tx: Tx, states: Sequence[str], *, cursor: str | None, size: int) -> Page[Row]:
    """Those in one of the states, the newest first. Raises CursorInvalid."""
    found = await tx.fetch(_IN_STATES, list(states), id_below(cursor), size + 1)
    return await _shown(tx, page_of(found, size, lambda row: (row["id"],)))


async def _shown(tx: Tx, page: Page[Row]) -> Page[Row]:
    rows = await tx.fetch(_CASES, [it["id"] for it in page.items])
    return Page(list(rows), page.next_cursor)


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
    lowest, highest = first_id(end - WINDOW), first_id(end)
    before = decode_cursor(cursor, int) or (highest,)
    rows = list(
        await tx.fetch(
            _ORDERS, shop_id, figure, lowest, min(before[0], highest), end, only_bad, size + 1
        )
    )
    return page_of(rows, size, lambda row: (row["id"],))


def _dated(it: dict[str, Any]) -> dict[str, Any]:
    return it | {"at": datetime.fromisoformat(it["at"])}
