"""A buyer's orders as they are shown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from jishi.kit.ids import OrderId, PaymentId, ProductId, ShopId, SkuId
from jishi.kit.text import mark as _
from jishi.modules.orders import OrderState

_S = OrderState
# what a tab holds, by its name in an address
TABS: Final[Mapping[str, tuple[str, Sequence[OrderState]]]] = {
    "": (_("All"), ()),
    "unpaid": (_("To pay"), (_S.UNPAID,)),
    "to_ship": (_("To ship"), (_S.TO_SHIP, _S.PART_SHIPPED)),
    "shipped": (_("To receive"), (_S.SHIPPED,)),
    "completed": (_("Completed"), (_S.COMPLETED,)),
    "closed": (_("Ended"), (_S.CANCELLED, _S.REFUNDED)),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    name: str
    spec: str
    image: str | None
    unit_minor: int
    qty: int
    amount_minor: int
    refunded_minor: int
    shipped_quantity: int
    product_id: ProductId
    sku_id: SkuId


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderCard:
    """An order among others; ``lines`` are the first two. ``amount_minor``: what the buyer pays."""

    id: OrderId
    state: OrderState
    shop_id: ShopId
    shop_name: str
    payment_id: PaymentId
    amount_minor: int
    refunded_minor: int
    pieces: int
    lines: Sequence[Line]
    placed_at: datetime
    expires_at: datetime
    ship_by: datetime | None
    confirm_by: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One change of state: what people are told, when, and by whom and why."""

    text: str  # msgid
    detail: str  # msgid, or ""
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    carrier: str  # its name in the reader's language
    waybill: str
    shipped_at: datetime
    lines: Sequence[tuple[int, int]]  # number of the line, pieces


@dataclass(frozen=True, slots=True, kw_only=True)
class Refund:
    amount_minor: int
    state: str
    asked_at: datetime
    ended_at: datetime | None
    is_late: bool  # sent back because the payment came too late


@dataclass(frozen=True, slots=True, kw_only=True)
class Saving:
    """A rule that lowered what the buyer pays, and who bears it."""

    title: str
    kind: str
    payer: str
    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One order with everything that belongs to it."""

    card: OrderCard
    savings: Sequence[Saving]
    goods_minor: int
    freight_minor: int
    address: Mapping[str, Any]
    note: str
    paid_at: datetime | None
    shipped_at: datetime | None
    closed_at: datetime | None
    lines: Sequence[Line]
    steps: Sequence[Step]  # newest first
    parcels: Sequence[Parcel]
    refunds: Sequence[Refund]
    why: str  # code of the newest step

    @property
    def delivery_minor(self) -> int:
        """Freight before what lowered it, so that goods, delivery and savings add up."""
        off = sum(saving.amount_minor for saving in self.savings)
        return self.card.amount_minor - self.goods_minor + off
