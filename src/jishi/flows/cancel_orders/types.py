"""A wish to cancel, and the answers."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from jishi.kit.errors import Kind, Refusal
from jishi.kit.ids import AccountId, OrderId, ShopId


class CancelVerdict(StrEnum):
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"
    WRONG_STATE = "wrong_state"
    NOT_DUE = "not_due"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancellation:
    """``buyer_id`` or ``shop_id`` say whose order it must be; ``why`` is ``lapsed`` for the clock."""

    order_id: OrderId
    actor: str
    at: datetime
    why: str
    buyer_id: AccountId | None = None
    shop_id: ShopId | None = None
    actor_id: AccountId | None = None


class NotCancellable(Refusal):
    kind, code = Kind.CONFLICT, "orders.not_cancellable"
    text = "Only an unpaid order can be cancelled. A paid one that has not left can be refunded."
