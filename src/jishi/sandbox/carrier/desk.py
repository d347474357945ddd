"""What shippers may ask of the carrier. Each call is one transaction of the book."""

import hashlib
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from jishi.sandbox.carrier import numbers, rules
from jishi.sandbox.carrier.book import Book
from jishi.sandbox.carrier.types import (
    CreateTrack,
    CreateWaybill,
    Fate,
    HandedIn,
    OutNumberTaken,
    Scan,
    Track,
    Waybill,
    WaybillCancelled,
    WaybillNotFound,
)
from jishi.sandbox.rules import may_call
from jishi.sandbox.types import AddressNotAllowed

BATCH = 200
HUBS = 90


@dataclass(frozen=True, slots=True, kw_only=True)
class CarrierDesk:
    """``pace``: how long from one scan to the next; ``told`` is called when a callback was queued."""

    book: Book
    told: Callable[[], None]
    allowed: Collection[str] = ()
    pace: timedelta = timedelta(seconds=20)


def create_waybill(desk: CarrierDesk, ask: CreateWaybill) -> tuple[Waybill, bool]:
    """The waybill of this number of the shipper's, and whether it is new. Raises OutNumberTaken."""
    digest = hashlib.sha256(msgspec.json.encode(ask)).hexdigest()
    with desk.book.transaction():
        known = desk.book.find_by_out_no(ask.carrier, ask.out_no)
        if known is not None:
            if known.digest != digest:
                raise OutNumberTaken(out_no=ask.out_no)
            return known, False
        serial = desk.book.next_serial(ask.carrier)
        made = Waybill(
            number=numbers.waybill_number(ask.carrier, serial),
            out_no=ask.out_no,
            carrier=ask.carrier,
            route=_route(ask.receiver.regions),
            cancelled=0,
            digest=digest,
        )
        desk.book.add_waybill(made)
    return made, True


def cancel_waybill(desk: CarrierDesk, carrier: str, number: str, *, now: datetime) -> None:
    """Twice is the same. Raises WaybillNotFound; HandedIn once it was scanned."""
    with desk.book.transaction():
        if desk.book.find_waybill(carrier, number) is None:
            raise WaybillNotFound(number=number)
        track = desk.book.find_track(carrier, number)
        if track and rules.due(rules.scans_of(track, pace=desk.pace), now=now):
            raise HandedIn(number=number)
        desk.book.cancel(number)


def follow(desk: CarrierDesk, ask: CreateTrack, *, now: datetime) -> list[Scan]:
    """The scans of a parcel so far; from now on news of it is posted to ``notify_url``.

    Numbers of anyone's are followed, as tracking services do. What is answered here is not posted
    again. Raises AddressNotAllowed; WaybillCancelled for a number of ours that was given back.
    """
    if ask.notify_url and not may_call(ask.notify_url, desk.allowed):
        raise AddressNotAllowed(field="notify_url")
    with desk.book.transaction():
        ours = desk.book.find_waybill(ask.carrier, ask.number)
        if ours and ours.cancelled:
            raise WaybillCancelled(number=ask.number)
        known = desk.book.find_track(ask.carrier, ask.number)
        track = known or Track(
            carrier=ask.carrier,
            number=ask.number,
            shipped_at=ask.shipped_at,
            begun_at=now,
            origin=ask.origin,
            target=ask.target,
            notify_url=ask.notify_url,
            fate=Fate.DELIVERED,
            told=0,
            next_at=None,
        )
        scans = rules.scans_of(track, pace=desk.pace)
        so_far = rules.due(scans, now=now)
        desk.book.save_track(
            msgspec.structs.replace(
                track,
                notify_url=ask.notify_url or track.notify_url,
                told=max(track.told, len(so_far)),
                next_at=rules.next_at(scans, now=now),
            )
        )
    return so_far


def set_fate(desk: CarrierDesk, carrier: str, number: str, fate: Fate, *, now: datetime) -> None:
    """How a parcel will end. Raises WaybillNotFound for one nobody has asked about."""
    with desk.book.transaction():
        track = desk.book.find_track(carrier, number)
        if track is None:
            raise WaybillNotFound(number=number)
        changed = msgspec.structs.replace(track, fate=fate)
        scans = rules.scans_of(changed, pace=desk.pace)
        desk.book.save_track(
            msgspec.structs.replace(changed, next_at=rules.next_at(scans, now=now))
        )


def post_due(desk: CarrierDesk, *, now: datetime) -> int:
    """Queue a callback for every parcel with a new scan; how many."""
    with desk.book.transaction():
        tracks = desk.book.list_due_tracks(now=now, limit=BATCH)
        for track in tracks:
            scans = rules.scans_of(track, pace=desk.pace)
            fresh = rules.due(scans, now=now)[track.told :]
            if fresh and track.notify_url and track.fate is not Fate.SILENT:
                news = {"carrier": track.carrier, "number": track.number, "scans": fresh}
                desk.book.queue(track.notify_url, msgspec.json.encode(news), now=now)
            after = msgspec.structs.replace(
                track, told=track.told + len(fresh), next_at=rules.next_at(scans, now=now)
            )
            desk.book.save_track(after)
    if tracks:
        desk.told()
    return len(tracks)


def _route(regions: Collection[str]) -> str:
    """A sorting code: three groups, the same for the same place."""
    digest = hashlib.sha256("/".join(regions).encode()).digest()
    area, hub, tour = (10 + byte % HUBS for byte in digest[:3])
    return f"{area}{hub}-{tour:02}"
