"""What scans make of a parcel. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from jishi.kit.text import clean
from jishi.modules.fulfilment.types_tracking import (
    MOVES,
    SCANS_MAX,
    TEXT_MAX,
    Progress,
    Scan,
    ScansUnreadable,
)

QUERY_PAUSES: Final = (
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=6),
)  # the carrier calls by itself; asking is for what got lost
QUERY_TRIES_MAX: Final = 60
EARLIEST: Final = timedelta(days=400)  # a scan older than that is a slip


def readable(scans: Sequence[Scan], *, now: datetime) -> list[Scan]:
    """Scans as rows keep them, oldest first, dated ``now`` at the latest. Raises ScansUnreadable."""
    if len(scans) > SCANS_MAX:
        raise ScansUnreadable(detail="too many scans")
    if any(scan.occurred_at < now - EARLIEST for scan in scans):
        raise ScansUnreadable(detail="occurred_at")
    kept = [
        replace(
            scan,
            place=clean(scan.place)[:TEXT_MAX],
            detail=clean(scan.detail)[:TEXT_MAX],
            occurred_at=min(scan.occurred_at, now),
        )
        for scan in scans
    ]
    return sorted(kept, key=lambda scan: scan.occurred_at)


def progress_after(before: Progress, scans: Iterable[Scan]) -> tuple[Progress, datetime | None]:
    """Where a parcel is after ``scans``, and when its last step happened (None: it stayed).

    A parcel only goes on: a scan of an earlier stage that comes late changes nothing. Only a lost
    parcel may still turn up.
    """
    stands, at = before, None
    for scan in sorted(scans, key=lambda scan: scan.occurred_at):
        if scan.progress in MOVES[stands]:
            stands, at = scan.progress, scan.occurred_at
    return stands, at


def next_query(tries: int, *, now: datetime) -> datetime | None:
    """When to ask the carrier again after ``tries`` questions; None: no more."""
    if tries >= QUERY_TRIES_MAX:
        return None
    return now + QUERY_PAUSES[min(tries, len(QUERY_PAUSES) - 1)]


def is_late(promised_at: datetime | None, done_at: datetime | None, *, now: datetime) -> bool:
    """Whether something came after its promise, or is not there and the promise has passed.

    The promised instant itself is in time.
    """
    return promised_at is not None and (done_at or now) > promised_at
