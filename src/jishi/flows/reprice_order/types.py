"""What is asked, what becomes of the lines, and why not."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from jishi.kit.errors import Kind, Refusal
from jishi.kit.ids import OrderId, ShopId


@dataclass(frozen=True, slots=True, kw_only=True)
class RepriceAsked:
    """The buyer's new total of a whole order. ``freight_minor``: how much of that is freight; None: as it
    was, as far as the total allows."""

    order_id: OrderId
    shop_id: ShopId
    actor_id: int
    total_minor: int
    freight_minor: int | None = None
    why: str = ""
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LineStands:
    """The buyer's part of a line: for its goods, and for its freight."""

    line: int
    goods_minor: int
    freight_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LineOff:
    """What an agreement takes off a line, on its goods and on its freight."""

    line: int
    goods_minor: int
    freight_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Repriced:
    """``before_minor`` and ``total_minor``: what the buyer pays."""

    order_id: OrderId
    before_minor: int
    total_minor: int
    lines: Sequence[LineOff]


class NotUnpaid(Refusal):
    kind, code = Kind.CONFLICT, "reprice.not_unpaid"
    text = "The price can be changed only while the order waits for its payment."


class BuyerIsPaying(Refusal):
    kind, code = Kind.CONFLICT, "reprice.buyer_is_paying"
    text = "The buyer has opened the payment page. The price cannot be changed any more."


class NotLower(Refusal):
    code = "reprice.not_lower"
    text = "The new price must be lower than {before} and at least one cent."


class FreightNotLower(Refusal):
    code = "reprice.freight_not_lower"
    text = "The freight must not be higher than {before}, nor than the new price."
