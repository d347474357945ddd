"""A wish for one's money back, and the answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from jishi.kit.errors import Kind, Refusal
from jishi.kit.ids import AccountId, OrderId, ShopId


class RefundOrderVerdict(StrEnum):
    REFUNDED = "refunded"
    UNKNOWN = "unknown"
    WRONG_STATE = "wrong_state"
    TOO_MUCH = "too_much"


class Goods(StrEnum):
    """What becomes of the goods a refund is for."""

    WHOLE = "whole"  # an order of which nothing has left: all of it, back on the shelf
    UNSHIPPED = (
        "unshipped"  # units that have not left: back on the shelf, always at their full price
    )
    RETURNED = "returned"  # units that came back and can be sold again
    KEPT = "kept"  # units or money; stock is not touched


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundLine:
    """Units of a line, or money alone (0 units). ``amount_minor`` None: all that the units cost."""

    line: int
    quantity: int
    amount_minor: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundAsked:
    """``buyer_id`` or ``shop_id`` say whose order it must be; neither: the market or an import.

    ``lines`` say what of it, each line once; a whole order has none.
    """

    order_id: OrderId
    actor: str
    at: datetime
    why: str
    buyer_id: AccountId | None = None
    shop_id: ShopId | None = None
    actor_id: AccountId | None = None
    goods: Goods = Goods.WHOLE
    lines: Sequence[RefundLine] = ()
    case_id: int | None = None


class NotRefundable(Refusal):
    kind, code = Kind.CONFLICT, "orders.not_refundable"
    text = "Only a paid order of which nothing has been shipped can be refunded here."


class RefundTooMuch(Refusal):
    kind, code = Kind.CONFLICT, "orders.refund_too_much"
    text = "So much of this order is not left to refund. Look at what was refunded before."
