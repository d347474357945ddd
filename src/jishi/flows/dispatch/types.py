"""Rows of the shipping forms, and what became of them."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from jishi.flows.ship_orders.rules import SHIPPABLE
from jishi.kit.errors import Kind, Refusal
from jishi.kit.ids import OrderId
from jishi.modules.orders import OrderState

MANY_MAX: Final = 100  # orders on one page of the form
WHYS: Final = ("out_of_stock", "buyer_asked", "wrong_price", "cannot_deliver", "other")


@dataclass(frozen=True, slots=True, kw_only=True)
class LineToShip:
    line: int
    title: str
    spec: str
    left: int
    quantity: int
    picture: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderToShip:
    """An order on the shipping form. ``is_asked``: the buyer wants money back, and nobody has answered."""

    id: OrderId
    state: OrderState
    ship_by: datetime | None
    address: dict[str, Any]
    note: str
    is_asked: bool
    lines: list[LineToShip]

    @property
    def is_to_ship(self) -> bool:
        return self.state in SHIPPABLE

    @property
    def pieces_left(self) -> int:
        return sum(line.left for line in self.lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What was typed for one order. ``parts``: pieces per line of a partial parcel; empty: all."""

    order_id: OrderId
    carrier: str
    waybill: str
    parts: dict[int, str] = field(default_factory=dict)


class NothingChosen(Refusal):
    kind, code = Kind.INVALID, "dispatch.nothing_chosen"
    text = "Choose at least one order to ship."


class NoWaybill(Refusal):
    kind, code = Kind.INVALID, "dispatch.no_waybill"
    text = "Fill in at least one waybill number. Rows left empty stay as they are."


class PiecesInvalid(Refusal):
    kind, code = Kind.INVALID, "dispatch.pieces_invalid"
    text = "Say how many pieces are in the parcel: 0 to {left}."


class NoPieces(Refusal):
    kind, code = Kind.INVALID, "dispatch.no_pieces"
    text = "The parcel is empty. Put at least one piece in."


class ParcelTwice(Refusal):
    kind, code = Kind.CONFLICT, "dispatch.parcel_twice"
    text = "This order already has a parcel with this waybill."


class CarrierUnknown(Refusal):
    kind, code = Kind.INVALID, "dispatch.carrier_unknown"
    text = "No carrier has this name or code."


class TooMany(Refusal):
    kind, code = Kind.TOO_LARGE, "dispatch.too_many"
    text = "At most {limit} at once, please. Make them in several goes."


class ParcelNotThere(Refusal):
    kind, code = Kind.NOT_FOUND, "dispatch.parcel_not_there"
    text = "This shop has no such parcel."


class ParcelOver(Refusal):
    kind, code = Kind.CONFLICT, "dispatch.parcel_over"
    text = "This parcel or its order has come to its end: the number stays as it is."


class ReasonMissing(Refusal):
    kind, code = Kind.INVALID, "dispatch.reason_missing"
    text = "Choose a reason; the buyer is told."
