"""How a parcel travels. Pure: the caller brings the facts and the time."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from jishi.sandbox.carrier.types import Fate, Scan, Track

# progress, place, what is told (as carriers here say it), hours after shipping when time runs as it does
_WAY: Final = (
    ("accepted", "origin", "已揽件", 2),
    ("in_transit", "origin", "已离开分拣中心", 9),
    ("in_transit", "target", "已到达分拣中心", 30),
    ("out_for_delivery", "target", "快递员正在派送", 44),
)
_ENDS: Final = {
    Fate.DELIVERED: (("delivered", "target", "已签收", 47),),
    Fate.SILENT: (("delivered", "target", "已签收", 47),),
    Fate.RETURNED: (("returned", "origin", "收件人未签收，已退回", 96),),
    Fate.LOST: (("lost", "target", "在分拣中心未找到", 120),),
}
OLD: Final = timedelta(hours=1)  # shipped so long before it was first heard of: real hours


def scans_of(track: Track, *, pace: timedelta) -> list[Scan]:
    """All scans the parcel will ever have, in order.

    A parcel heard of as it is shipped gets one scan each ``pace``; one that was shipped before keeps
    the hours of a real journey, so that what is past is there at once.
    """
    way = [*_WAY[: 3 if track.fate is Fate.LOST else 4], *_ENDS[track.fate]]
    is_old = track.begun_at - track.shipped_at > OLD
    places = {"origin": track.origin, "target": track.target}
    return [
        Scan(
            id=f"{track.number}-{at}",
            progress=progress,
            place=places[place],
            detail=detail,
            occurred_at=track.shipped_at + timedelta(hours=hours)
            if is_old
            else track.begun_at + pace * at,
        )
        for at, (progress, place, detail, hours) in enumerate(way, start=1)
    ]


def due(scans: Sequence[Scan], *, now: datetime) -> list[Scan]:
    """Those that have happened by now."""
    return [scan for scan in scans if scan.occurred_at <= now]


def next_at(scans: Sequence[Scan], *, now: datetime) -> datetime | None:
    """When the next scan happens; None after the last."""
    return next((scan.occurred_at for scan in scans if scan.occurred_at > now), None)
