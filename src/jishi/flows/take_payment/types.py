"""A payment's part for one order, and what became of it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from jishi.kit.ids import OrderId, PaymentId


class PayVerdict(StrEnum):
    PAID = "paid"
    LATE_PAID = "late_paid"  # had lapsed; free stock was taken again
    RETURNED = "returned"  # money is sent back
    REPEAT = "repeat"
    UNKNOWN = "unknown"
    WRONG_AMOUNT = "wrong_amount"


@dataclass(frozen=True, slots=True, kw_only=True)
class PartPaid:
    """``amount_minor`` of a recorded payment is meant for this order."""

    order_id: OrderId
    payment_id: PaymentId
    amount_minor: int
    provider: str
    paid_at: datetime
