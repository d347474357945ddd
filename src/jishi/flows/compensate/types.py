"""What is told when a compensation was paid."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from jishi.kit.ids import AccountId, OrderId, RefundId, ShopId


@dataclass(frozen=True, slots=True, kw_only=True)
class CompensationPaid:
    topic: ClassVar[str] = "compensations.paid"
    order_id: OrderId
    shop_id: ShopId
    buyer_id: AccountId
    refund_id: RefundId
    amount_minor: int
    late_hours: int
    occurred_at: datetime

    @property
    def subject_id(self) -> OrderId:
        return self.order_id
