"""The words of the carrier."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from jishi.kit.errors import Kind, Refusal

Name = Annotated[str, Meta(min_length=1, max_length=200)]
Free = Annotated[str, Meta(max_length=240)]
Code = Annotated[str, Meta(pattern=r"^[a-z0-9_]{1,40}$")]
Number = Annotated[str, Meta(pattern=r"^[0-9A-Za-z\-]{4,40}$")]


class Fate(StrEnum):
    """How a parcel ends, and whether anything is told by callback."""

    DELIVERED = "delivered"
    RETURNED = "returned"
    LOST = "lost"
    SILENT = "silent"  # delivered, but only who asks is told


class Party(Struct, kw_only=True):
    name: Name
    phone: Annotated[str, Meta(min_length=5, max_length=24)]
    regions: Annotated[list[Free], Meta(max_length=6)] = msgspec.field(default_factory=list)
    street: Free = ""


class CreateWaybill(Struct, kw_only=True):
    out_no: Annotated[str, Meta(pattern=r"^[0-9A-Za-z_\-]{1,64}$")]
    carrier: Code
    sender: Party
    receiver: Party
    pieces: Annotated[int, Meta(ge=1, le=1_000_000)] = 1
    weight_grams: Annotated[int, Meta(ge=0, le=1_000_000_000)] = 0


class CreateTrack(Struct, kw_only=True):
    carrier: Code
    number: Number
    shipped_at: Annotated[datetime, Meta(tz=True)]
    origin: Free = ""
    target: Free = ""
    notify_url: str = ""


class SetFate(Struct, kw_only=True):
    fate: Fate


class Waybill(Struct, frozen=True, kw_only=True):
    number: str
    out_no: str
    carrier: str
    route: str
    cancelled: int
    digest: str  # of what was asked, so that a repeat is known from another


class Track(Struct, frozen=True, kw_only=True):
    """A parcel under way. ``begun_at``: first heard of; ``told`` scans were put into the post."""

    carrier: str
    number: str
    shipped_at: datetime
    begun_at: datetime
    origin: str
    target: str
    notify_url: str
    fate: Fate
    told: int
    next_at: datetime | None


class Scan(Struct, frozen=True, kw_only=True):
    id: str
    progress: str
    place: str
    detail: str
    occurred_at: datetime


class CarrierRefusal(Refusal):
    """Anything the carrier refuses."""


class OutNumberTaken(CarrierRefusal):
    kind, code = Kind.CONFLICT, "carrier.number_taken"
    text = "This number was used before with other contents."


class WaybillNotFound(CarrierRefusal):
    kind, code = Kind.NOT_FOUND, "carrier.waybill_not_found"
    text = "There is no such waybill."


class WaybillCancelled(CarrierRefusal):
    kind, code = Kind.CONFLICT, "carrier.cancelled"
    text = "This waybill was cancelled."


class HandedIn(CarrierRefusal):
    kind, code = Kind.CONFLICT, "carrier.handed_in"
    text = "The parcel is on its way already."
