"""What the pages about deliveries read. Every function takes an open connection."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from jishi.db import Row, Tx, load_sql
from jishi.kit.ids import ID_MAX, AccountId, OrderId, ShopId, cell_of
from jishi.kit.paging import Page, decode_cursor, page_of
from jishi.modules.fulfilment import Progress, carrier_name, is_late
from jishi.modules.fulfilment.lanes import ABROAD

PARCELS_MAX: Final = 20
SCANS_MAX: Final = 60
LANES_MAX: Final = 40
CARRIERS_MAX: Final = 20
LATE_OVER: Final = timedelta(days=30)  # an open order is no older: the clock confirms before

_PARCELS: Final = load_sql(__package__, "parcels")
_BY_LANE: Final = load_sql(__package__, "by_lane")
_BY_CARRIER: Final = load_sql(__package__, "by_carrier")
_ORDER: Final = """
SELECT o.id, o.shop_id, o.buyer_id, o.state, o.ship_by, o.shipped_at, p.arrive_by,
    c.amount_minor AS compensation_minor, c.late_hours, c.decided_at
FROM sale_order o
LEFT JOIN order_promise p ON p.cell = o.cell AND p.order_id = o.id
LEFT JOIN compensation c ON c.cell = o.cell AND c.order_id = o.id AND c.state = 'paid'
WHERE o.cell = cell_of($1) AND o.id = $1
    AND ($2::bigint IS NULL OR o.buyer_id = $2) AND ($3::bigint IS NULL OR o.shop_id = $3)
"""
# Older ones belong to orders the clock completed: nobody waits for them, and nobody wrote that down.
_LATE: Final = """
SELECT p.id, p.order_id, p.carrier, p.waybill, p.progress, p.shipped_at, p.promised_arrival_at
FROM parcel p
JOIN sale_order o ON o.cell = p.cell AND o.id = p.order_id AND o.state + 0 IN (21, 30)
WHERE p.cell = $1 AND p.shop_id = $2 AND p.arrived_at IS NULL AND p.promised_arrival_at IS NOT NULL
    AND p.progress NOT IN ('returned', 'lost') AND p.promised_arrival_at >= $3
    AND (p.promised_arrival_at, p.id) < ($4, $5)
ORDER BY p.promised_arrival_at DESC, p.id DESC LIMIT $6
"""
_ENDED: Final = """
SELECT id, order_id, carrier, waybill, progress, shipped_at FROM parcel
WHERE cell = $1 AND shop_id = $2 AND progress IN ('returned', 'lost') AND id < $3
ORDER BY id DESC LIMIT $4
"""
_REGIONS: Final = "SELECT code, name FROM region WHERE level = 1"
_SHOP_COMPENSATIONS: Final = """
SELECT c.*, '' AS shop FROM compensation c
WHERE c.cell = $1 AND c.shop_id = $2 AND ($3::timestamptz IS NULL OR (c.decided_at, c.order_id) < ($3, $4))
ORDER BY c.decided_at DESC, c.order_id DESC LIMIT $5
"""
_COMPENSATIONS: Final = """
SELECT c.*, h.name AS shop FROM (
    SELECT * FROM compensation
    WHERE $1::timestamptz IS NULL OR (decided_at, order_id) < ($1, $2)
    ORDER BY decided_at DESC, order_id DESC LIMIT $3
) c JOIN shop h ON h.cell = c.cell AND h.id = c.shop_id
ORDER BY c.decided_at DESC, c.order_id DESC
"""
_PAID: Final = """
SELECT count(*) AS orders, coalesce(sum(amount_minor), 0)::bigint AS amount_minor FROM (
    SELECT * FROM compensation WHERE cell = $2 AND shop_id = $3 AND decided_at >= $1
    UNION ALL
    SELECT * FROM compensation WHERE $3 IS NULL AND decided_at >= $1  -- not begun for one shop
) c WHERE state = 'paid'
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanShown:
    words: str  # English message id
    place: str
    detail: str
    at: datetime
    is_bad: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelShown:
    """``is_late``: after the carrier's promise, or not there although it has passed."""

    id: int
    carrier: str
    waybill: str
    progress: Progress
    shipped_at: datetime
    shipped_late: bool
    promised_at: datetime | None
    arrived_at: datetime | None
    is_late: bool
    scans: Sequence[ScanShown]


async def find_order(
    tx: Tx, order_id: OrderId, *, buyer_id: AccountId | None = None, shop_id: ShopId | None = None
) -> Row | None:
    """An order's promises; None when it is not theirs."""
    return await tx.fetchrow(_ORDER, order_id, buyer_id, shop_id)


async def parcels(tx: Tx, order_id: OrderId, *, locale: str, now: datetime) -> list[ParcelShown]:
    """The newest 20 parcels of an order with their newest 60 scans."""
    rows = await tx.fetch(_PARCELS, order_id, PARCELS_MAX, SCANS_MAX)
    return [_parcel(row, locale, now) for row in rows]


def _parcel(row: Row, locale: str, now: datetime) -> ParcelShown:
    progress = Progress(row["progress"])
    promised = row["promised_arrival_at"]
    has_ended = progress in (Progress.RETURNED, Progress.LOST)
    return ParcelShown(
        id=row["id"],
        carrier=carrier_name(row["carrier"], locale),
        waybill=row["waybill"],
        progress=progress,
        shipped_at=row["shipped_at"],
        shipped_late=is_late(row["promised_ship_at"], row["shipped_at"], now=now),
        promised_at=promised,
        arrived_at=row["arrived_at"],
        is_late=not has_ended and is_late(promised, row["arrived_at"], now=now),
        scans=[_scan(scan) for scan in row["scans"]],
    )


def _scan(scan: Mapping[str, Any]) -> ScanShown:
    progress = Progress(scan["progress"])
    return ScanShown(
        words=progress.words,
        place=scan["place"],
        detail=scan["detail"],
        at=datetime.fromisoformat(scan["occurred_at"]),
        is_bad=progress in (Progress.RETURNED, Progress.LOST),
    )


async def by_lane(tx: Tx, shop_id: ShopId | None, *, since: date) -> list[Row]:
    """The 40 lanes with the most parcels; of one shop or of the whole market."""
    cell = cell_of(shop_id) if shop_id else None
    return list(await tx.fetch(_BY_LANE, cell, shop_id, since, LANES_MAX))


async def by_carrier(tx: Tx, shop_id: ShopId | None, *, since: date) -> list[Row]:
    cell = cell_of(shop_id) if shop_id else None
    return list(await tx.fetch(_BY_CARRIER, cell, shop_id, since, CARRIERS_MAX))


async def late_parcels(
    tx: Tx, shop_id: ShopId, *, now: datetime, cursor: str | None, size: int
) -> Page[Row]:
    """Parcels of a shop that should have arrived in the last 30 days and whose order is open.

    The newest promise first. Raises CursorInvalid.
    """
    after = decode_cursor(cursor, datetime, int) or (now, 0)
    values = (cell_of(shop_id), shop_id, now - LATE_OVER, *after, size + 1)
    rows = await tx.fetch(_LATE, *values)
    return page_of(list(rows), size, lambda row: (row["promised_arrival_at"], row["id"]))


async def ended_parcels(tx: Tx, shop_id: ShopId, *, cursor: str | None, size: int) -> Page[Row]:
    """Parcels of a shop that came back or were lost, newest first. Raises CursorInvalid."""
    (after,) = decode_cursor(cursor, int) or (ID_MAX,)
    rows = await tx.fetch(_ENDED, cell_of(shop_id), shop_id, after, size + 1)
    return page_of(list(rows), size, lambda row: (row["id"],))


async def lane_names(tx: Tx) -> dict[int, str]:
    """Provinces by code; ABROAD stands for everywhere else."""
    return {row["code"]: row["name"] for row in await tx.fetch(_REGIONS)} | {ABROAD: ""}


async def compensations(
    tx: Tx, shop_id: ShopId | None, *, cursor: str | None, size: int
) -> Page[Row]:
    """Compensations of a shop or of the market, newest first. Raises CursorInvalid."""
    after = decode_cursor(cursor, datetime, int) or (None, None)
    if shop_id:
        rows = await tx.fetch(_SHOP_COMPENSATIONS, cell_of(shop_id), shop_id, *after, size + 1)
    else:
        rows = await tx.fetch(_COMPENSATIONS, *after, size + 1)
    return page_of(list(rows), size, lambda row: (row["decided_at"], row["order_id"]))


async def compensated(tx: Tx, shop_id: ShopId | None, *, since: datetime) -> Row:
    """How many orders were compensated since then, and with how much."""
    cell = cell_of(shop_id) if shop_id else None
    row = await tx.fetchrow(_PAID, since, cell, shop_id)
    assert row
    return row
