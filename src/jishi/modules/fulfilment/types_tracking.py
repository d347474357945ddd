"""The words of waybills and tracking: what is asked of carriers and what they tell."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, Final, NewType

from jishi.kit.errors import Kind, Refusal
from jishi.kit.ids import OrderId, ParcelId, ShopId, WarehouseId
from jishi.kit.text import mark as _

WaybillId = NewType("WaybillId", int)

SCANS_MAX: Final = 100  # of one piece of news
TEXT_MAX: Final = 200


class Progress(StrEnum):
    """Where a parcel is."""

    SHIPPED = "shipped"
    ACCEPTED = "accepted"
    IN_TRANSIT = "in_transit"
    OUT_FOR_DELIVERY = "out_for_delivery"
    DELIVERED = "delivered"
    RETURNED = "returned"
    LOST = "lost"

    @property
    def words(self) -> str:
        """English message id."""
        return PROGRESS_WORDS[self]

    @property
    def is_final(self) -> bool:
        return self in FINAL


PROGRESS_WORDS: Final[Mapping[Progress, str]] = {
    Progress.SHIPPED: _("Handed to the carrier"),
    Progress.ACCEPTED: _("Accepted by the carrier"),
    Progress.IN_TRANSIT: _("In transit"),
    Progress.OUT_FOR_DELIVERY: _("Out for delivery"),
    Progress.DELIVERED: _("Delivered"),
    Progress.RETURNED: _("Returned to the sender"),
    Progress.LOST: _("Lost on the way"),
}
FINAL: Final = frozenset({Progress.DELIVERED, Progress.RETURNED, Progress.LOST})
# Scans arrive in any order and a place may be scanned twice: a parcel only goes on, and only a lost
# one may still turn up.
MOVES: Final[Mapping[Progress, frozenset[Progress]]] = {
    Progress.SHIPPED: frozenset(Progress) - {Progress.SHIPPED},
    Progress.ACCEPTED: frozenset({Progress.IN_TRANSIT, Progress.OUT_FOR_DELIVERY}) | FINAL,
    Progress.IN_TRANSIT: frozenset({Progress.OUT_FOR_DELIVERY}) | FINAL,
    Progress.OUT_FOR_DELIVERY: FINAL,
    Progress.LOST: frozenset({Progress.DELIVERED, Progress.RETURNED}),
    Progress.DELIVERED: frozenset(),
    Progress.RETURNED: frozenset(),
}


class WaybillState(StrEnum):
    """asked → made → used | cancelling → cancelled; asked → failed."""

    ASKED = "asked"
    MADE = "made"
    USED = "used"
    CANCELLING = "cancelling"
    CANCELLED = "cancelled"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """Sender or receiver as a label shows them."""

    name: str
    phone: str
    regions: tuple[str, ...] = ()
    street: str = ""

    @property
    def address(self) -> str:
        return " ".join((*self.regions, self.street)).strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class WaybillAsk:
    """``id`` is our own number: asked again, the carrier answers with the same waybill."""

    id: WaybillId
    carrier: str
    sender: Party
    receiver: Party
    pieces: int
    weight_grams: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WaybillMade:
    """``route``: the carrier's sorting code, printed large; may be empty."""

    number: str
    route: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackAsk:
    """A parcel whose scans are wanted, now and by callback from now on."""

    carrier: str
    number: str
    shipped_at: datetime
    origin: str
    target: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """``id`` is the carrier's, the same each time the scan is told."""

    id: str
    progress: Progress
    place: str
    detail: str
    occurred_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanNews:
    """What a callback says of one waybill, oldest scan first."""

    carrier: str
    number: str
    scans: tuple[Scan, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Waybill:
    """A label as it stands. ``prints``: how often it was printed."""

    id: WaybillId
    shop_id: ShopId
    order_id: OrderId
    warehouse_id: WarehouseId
    carrier: str
    state: WaybillState
    number: str | None
    route: str
    pieces: int
    asked_at: datetime
    prints: int
    last_error: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelEnded:
    """What is told once when a parcel ends. ``is_late``: after the carrier's promise."""

    parcel_id: ParcelId
    order_id: OrderId
    shop_id: ShopId
    buyer_id: int
    carrier: str
    waybill: str
    is_late: bool
    occurred_at: datetime

    @property
    def subject_id(self) -> OrderId:
        return self.order_id


class ParcelDelivered(ParcelEnded):
    topic: ClassVar[str] = "parcels.delivered"


class ParcelReturned(ParcelEnded):
    topic: ClassVar[str] = "parcels.returned"


class ParcelLost(ParcelEnded):
    topic: ClassVar[str] = "parcels.lost"


ENDS: Final[Mapping[Progress, type[ParcelDelivered | ParcelReturned | ParcelLost]]] = {
    Progress.DELIVERED: ParcelDelivered,
    Progress.RETURNED: ParcelReturned,
    Progress.LOST: ParcelLost,
}


class CarrierUnknown(Refusal):
    kind, code = Kind.NOT_FOUND, "carriers.unknown"
    text = "No carrier of this name is connected to the market."


class CarrierSignatureBad(Refusal):
    kind, code = Kind.UNAUTHORISED, "carriers.bad_signature"
    text = "The signature of this callback does not hold: {reason}."


class ScansUnreadable(Refusal):
    kind, code = Kind.INVALID, "carriers.scans_unreadable"
    text = "The scans cannot be read: {detail}."


class WaybillUnknown(Refusal):
    kind, code = Kind.NOT_FOUND, "waybills.unknown"
    text = "This shop has no such label."


class LabelOfCancelled(Refusal):
    kind, code = Kind.CONFLICT, "waybills.order_cancelled"
    text = "Order {order} was cancelled. There is no label for it."


class LabelOfRefunded(Refusal):
    kind, code = Kind.CONFLICT, "waybills.order_refunded"
    text = "Order {order} was refunded. There is no label for it."


class LabelOfUnpaid(Refusal):
    kind, code = Kind.CONFLICT, "waybills.order_unpaid"
    text = "Order {order} is not paid. There is no label for it."


class LabelNothingLeft(Refusal):
    kind, code = Kind.CONFLICT, "waybills.nothing_left"
    text = "Order {order}: nothing is left to send."


class LabelNotMade(Refusal):
    kind, code = Kind.CONFLICT, "waybills.not_made"
    text = "Order {order}: the carrier has not given a number yet, or the label was cancelled."


class LabelUsed(Refusal):
    kind, code = Kind.CONFLICT, "waybills.used"
    text = "Order {order}: this parcel has left already."


class LabelWhileAsking(Refusal):
    kind, code = Kind.CONFLICT, "waybills.refund_asked"
    text = "Order {order}: the buyer asks for money back before it is sent. Answer that first."


class LabelThere(Refusal):
    kind, code = Kind.CONFLICT, "waybills.label_there"
    text = "This order has a label already. Print it, or cancel it first."


class CarrierNotConnected(Refusal):
    kind, code = Kind.INVALID, "waybills.carrier_not_connected"
    text = "Labels cannot be made for this carrier here. Choose another one, or type its waybill."


class SenderMissing(Refusal):
    kind, code = Kind.CONFLICT, "waybills.sender_missing"
    text = "Write contact, phone and address of the warehouse {warehouse} first; they stand on the label."
