"""The statements of following parcels. Each takes a whole batch."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Final

from jishi.db import Row, Tx, load_sql
from jishi.db.columns import columns
from jishi.modules.fulfilment import Scan

PARCELS_MAX: Final = 50  # under one waybill

_PROMISE_FACTS: Final = load_sql(__package__, "promise_facts")
_PARCEL_FACTS: Final = load_sql(__package__, "parcel_facts")
_WRITE_PROMISES: Final = load_sql(__package__, "write_promises")
_FOLLOW: Final = load_sql(__package__, "follow_parcels")
_LOCK: Final = load_sql(__package__, "lock_parcels")
_WRITE_SCANS: Final = load_sql(__package__, "write_scans")
_MOVE: Final = load_sql(__package__, "move_parcels")
_CONFIRMED: Final = load_sql(__package__, "confirmed_parcels")
_CLAIM: Final = load_sql(__package__, "claim_queries")
_MEASURE: Final = load_sql(__package__, "measure_lanes")
_LANES: Final = """
SELECT l.carrier, l.lane_from, l.lane_to, l.days
FROM unnest($1::text[], $2::smallint[], $3::smallint[]) a(carrier, lane_from, lane_to)
JOIN carrier_lane l USING (carrier, lane_from, lane_to)
"""
_ASK_AGAIN: Final = load_sql(__package__, "ask_again")

Lane = tuple[str, int, int]  # carrier ('' all of them), from, to


async def promise_facts(tx: Tx, orders: Sequence[int]) -> list[Row]:
    return list(await tx.fetch(_PROMISE_FACTS, orders))


async def parcel_facts(tx: Tx, parcels: Sequence[int]) -> list[Row]:
    return list(await tx.fetch(_PARCEL_FACTS, parcels))


async def lane_days(tx: Tx, lanes: Collection[Lane]) -> dict[Lane, int]:
    """Measured days of those lanes that have enough parcels."""
    if not lanes:
        return {}
    rows = await tx.fetch(_LANES, *columns(sorted(lanes)))
    return {(row["carrier"], row["lane_from"], row["lane_to"]): row["days"] for row in rows}


async def write_promises(tx: Tx, rows: Sequence[tuple[int, int, int, int, datetime, int]]) -> None:
    """(order, shop, from, to, ship_by, days)."""
    if rows:
        await tx.execute(_WRITE_PROMISES, *columns(rows))


async def follow(
    tx: Tx, rows: Sequence[tuple[int, int, int, int, bool]], *, now: datetime, zone: str
) -> None:
    """(parcel, from, to, days, the carrier can be asked)."""
    if rows:
        await tx.execute(_FOLLOW, *columns(rows), now, zone)


async def lock_parcels(tx: Tx, pairs: Sequence[tuple[str, str]]) -> list[Row]:
    """Parcels by carrier and waybill; ``at`` is the pair's place, counted from 1."""
    return list(await tx.fetch(_LOCK, *columns(pairs), PARCELS_MAX)) if pairs else []


async def write_scans(
    tx: Tx, rows: Sequence[tuple[int, Scan]], *, now: datetime
) -> set[tuple[int, str]]:
    """Those that are new, as (parcel, the carrier's id)."""
    if not rows:
        return set()
    flat = [
        (parcel, it.id, it.progress.value, it.place, it.detail, it.occurred_at)
        for parcel, it in rows
    ]
    found = await tx.fetch(_WRITE_SCANS, *columns(flat), now)
    return {(row["parcel_id"], row["scan_id"]) for row in found}


async def move(
    tx: Tx,
    rows: Sequence[tuple[int, str, datetime | None, datetime | None, bool]],
    *,
    zone: str,
) -> None:
    """(parcel, progress, newest scan, arrival, it ended with this)."""
    if rows:
        await tx.execute(_MOVE, *columns(rows), zone)


async def confirmed_parcels(tx: Tx, orders: Sequence[int]) -> list[Row]:
    return list(await tx.fetch(_CONFIRMED, orders))


async def claim_queries(tx: Tx, *, now: datetime, limit: int, again_in: timedelta) -> list[Row]:
    return list(await tx.fetch(_CLAIM, now, limit, again_in))


async def ask_again(tx: Tx, parcel_id: int, *, tries: int, at: datetime | None) -> None:
    """Set when a parcel is asked about next; None: no more. Nothing when someone asked meanwhile."""
    await tx.execute(_ASK_AGAIN, parcel_id, tries, at)


async def measure(tx: Tx, *, since: datetime, now: datetime, least: int) -> int:
    return int(await tx.fetchval(_MEASURE, since, now, least))
