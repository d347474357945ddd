"""A wish for one's money back, and the answers."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from jishi.kit.errors import Kind, Refusal
from jishi.kit.ids import AccountId, OrderId, ShopId


class RefundOrderVerdict(StrEnum):
    REFUNDED = "refunded"
    UNKNOWN = "unknown"
    WRONG_STATE = "wrong_state"


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundAsked:
    """``buyer_id`` or ``shop_id`` say whose order it must be; neither: the market or an import."""

    order_id: OrderId
    actor: str
    at: datetime
    why: str
    buyer_id: AccountId | None = None
    shop_id: ShopId | None = None
    actor_id: AccountId | None = None


class NotRefundable(Refusal):
    kind, code = Kind.CONFLICT, "orders.not_refundable"
    text = "Only a paid order of which nothing has been shipped can be refunded here."
