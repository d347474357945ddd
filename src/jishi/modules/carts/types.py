"""The words of this module: carts, their lines, refusals. No behaviour, no I/O."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from jishi.kit.errors import Kind, Refusal
from jishi.kit.ids import SkuId

LINES_MAX: Final = 120  # of one cart
QUANTITY_MAX: Final = 9_999  # pieces of one line; cart_line_quantity repeats it
VISITOR_KEEPS: Final = timedelta(days=60)  # since the last change; an account's cart stays


@dataclass(frozen=True, slots=True)
class CartOwner:
    """Whose cart: an account's id, or the id a visitor's browser keeps."""

    id: int
    is_visitor: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CartLine:
    sku_id: SkuId
    quantity: int
    seen_minor: int  # the price when it was put in
    is_chosen: bool
    added_at: datetime


class CartFull(Refusal):
    kind, code = Kind.CONFLICT, "carts.full"
    text = "A cart holds at most {most} different things. Take something out first."


class QuantityInvalid(Refusal):
    kind, code = Kind.INVALID, "carts.quantity_invalid"
    text = "The quantity must be a whole number from 1 to {most}; it is {quantity}."


class LineNotFound(Refusal):
    kind, code = Kind.NOT_FOUND, "carts.line_not_found"
    text = "This is not in your cart any more."
