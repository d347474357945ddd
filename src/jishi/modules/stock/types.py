"""The words of this module: quantities, moves, verdicts, refusals."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from jishi.kit.errors import Kind, Refusal
from jishi.kit.ids import OrderId, ShopId, SkuId, WarehouseId

QUANTITY_MAX: Final = 100_000_000  # of one SKU in one warehouse
WHY_MAX: Final = 200
WAREHOUSES_MAX: Final = 50  # of one shop
PRIORITY_MAX: Final = 999
WAREHOUSE_NAME_MAX: Final = 60
CONTACT_MAX: Final = 60
PHONE_MAX: Final = 24
STREET_MAX: Final = 240
LOCATION_MAX: Final = 30
REGIONS_MAX: Final = 500  # of one warehouse


class MoveKind(StrEnum):
    RECEIVE = "receive"
    HOLD = "hold"
    RELEASE = "release"
    SELL = "sell"
    RETURN = "return"
    LOSE = "lose"
    TAKE_OUT = "take_out"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantities:
    """Pieces of one SKU in one warehouse; received = on_hand + held + sold + lost, always."""

    on_hand: int = 0
    held: int = 0
    sold: int = 0
    lost: int = 0
    received: int = 0


# What one piece moved does to each quantity: on_hand, held, sold, lost, received.
EFFECTS: Final[Mapping[MoveKind, tuple[int, int, int, int, int]]] = {
    MoveKind.RECEIVE: (1, 0, 0, 0, 1),
    MoveKind.HOLD: (-1, 1, 0, 0, 0),
    MoveKind.RELEASE: (1, -1, 0, 0, 0),
    MoveKind.SELL: (0, -1, 1, 0, 0),
    MoveKind.RETURN: (1, 0, -1, 0, 0),
    MoveKind.LOSE: (-1, 0, 0, 1, 0),
    MoveKind.TAKE_OUT: (-1, 0, 0, 0, -1),
}

Place = tuple[SkuId, WarehouseId]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Pieces that come in or go out. ``quantity`` ≥ 1."""

    sku_id: SkuId
    warehouse_id: WarehouseId
    quantity: int
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """What lies on the shelf. ``seen`` is what the counter believed before; None: do not ask."""

    sku_id: SkuId
    warehouse_id: WarehouseId
    on_hand: int
    seen: int | None = None
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One line of the journal about to be written."""

    sku_id: SkuId
    warehouse_id: WarehouseId
    kind: MoveKind
    quantity: int
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalLine:
    """One line of the journal as written."""

    position: int
    sku_id: SkuId
    warehouse_id: WarehouseId
    kind: MoveKind
    quantity: int
    order_id: OrderId | None
    actor_id: int | None
    why: str
    occurred_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Warehouse:
    """Where a shop keeps goods. ``regions`` it serves, empty: everywhere; ``priority``: lower first.

    ``region_code`` is where it stands, a province or city, None when the shop has not said.
    """

    id: WarehouseId
    shop_id: ShopId
    name: str
    is_default: bool
    region_code: int | None = None
    contact: str = ""
    phone: str = ""
    street: str = ""
    regions: Sequence[int] = ()
    only_there: bool = False  # never sends outside its regions
    priority: int = 100
    is_closed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """One SKU in one warehouse as the warehouse's page lists it."""

    sku_id: SkuId
    product_id: int
    position: int
    title: str
    options: Sequence[str]
    code: str
    on_hand: int
    held: int
    location: str


@dataclass(frozen=True, slots=True)
class Done:
    """The item took effect; ``on_hand`` afterwards. No move is written when nothing changed."""

    on_hand: int


@dataclass(frozen=True, slots=True)
class Refused:
    """The item did not take effect."""

    problem: Refusal


Verdict = Done | Refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Mismatch:
    """A stock row that was not the sum of its moves, and what it became."""

    sku_id: SkuId
    warehouse_id: WarehouseId
    before: Quantities
    after: Quantities


class QuantityInvalid(Refusal):
    code, text = "stock.quantity_invalid", "Write a whole number from {least} to {limit}."


class NotEnough(Refusal):
    kind, code = Kind.CONFLICT, "stock.not_enough"
    text = "Only {on_hand} are on the shelf."


class CountMoved(Refusal):
    kind, code = Kind.CONFLICT, "stock.count_moved"
    text = "Meanwhile {on_hand} are on the shelf, not {seen}. Check and save again."


class WarehouseUnknown(Refusal):
    kind, code = Kind.NOT_FOUND, "stock.warehouse_unknown"
    text = "This warehouse does not belong to the shop."


class WarehouseNameMissing(Refusal):
    code, text = (
        "stock.warehouse_name_missing",
        "Give the warehouse a name of 1 to {limit} characters.",
    )


class TextTooLong(Refusal):
    code, text = "stock.text_too_long", "At most {limit} characters, please."


class PriorityInvalid(Refusal):
    code, text = "stock.priority_invalid", "A priority is a whole number from 1 to {limit}."


class RegionUnknown(Refusal):
    code, text = "stock.region_unknown", "This region is not in the list any more. Choose it again."


class RegionsMissing(Refusal):
    code = "stock.regions_missing"
    text = "Choose the regions it serves, or let it send everywhere."


class TooManyWarehouses(Refusal):
    kind, code = Kind.CONFLICT, "stock.too_many_warehouses"
    text = "A shop has at most {limit} warehouses."


class DefaultStaysOpen(Refusal):
    kind, code = Kind.CONFLICT, "stock.default_stays_open"
    text = "The default warehouse cannot be closed. Make another one the default first."


class SameWarehouse(Refusal):
    code, text = "stock.same_warehouse", "Choose another warehouse to move the goods to."


class SameRowTwice(Refusal):
    code, text = "stock.same_row_twice", "This SKU stands in the list twice."
