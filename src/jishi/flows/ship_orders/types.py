"""A parcel to send off, and the answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from jishi.kit.errors import Kind, Refusal
from jishi.kit.ids import AccountId, OrderId, ShopId


class ShipVerdict(StrEnum):
    SHIPPED = "shipped"
    PART_SHIPPED = "part_shipped"
    UNKNOWN = "unknown"  # no such order in this shop
    WRONG_STATE = "wrong_state"
    TOO_MANY = "too_many"  # more pieces than are left, or a line the order has not


@dataclass(frozen=True, slots=True, kw_only=True)
class LineShipped:
    line: int
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Shipment:
    """``lines`` empty: everything that has not left yet. ``actor`` is shop, clock or import."""

    order_id: OrderId
    shop_id: ShopId
    carrier: str
    waybill: str
    actor_id: AccountId | None
    at: datetime
    lines: Sequence[LineShipped] = ()
    actor: str = "shop"


class OrderUnknown(Refusal):
    kind, code = Kind.NOT_FOUND, "orders.unknown"
    text = "There is no such order in this shop."


class OrderMoved(Refusal):
    kind, code = Kind.CONFLICT, "orders.moved"
    text = "This order is in another state by now and cannot be shipped. Reload to see it."


class TooManyPieces(Refusal):
    kind, code = Kind.INVALID, "orders.too_many_pieces"
    text = "The parcel holds more pieces than are left to ship."


class CarrierMissing(Refusal):
    kind, code = Kind.INVALID, "parcels.carrier_missing"
    text = "Choose the carrier."


class WaybillInvalid(Refusal):
    kind, code = Kind.INVALID, "parcels.waybill_invalid"
    text = "A waybill number has 4 to 40 letters, digits or dashes."


class OrderTwice(Refusal):
    kind, code = Kind.INVALID, "parcels.order_twice"
    text = "This order stands twice in the list. Ship its parcels one after another."
