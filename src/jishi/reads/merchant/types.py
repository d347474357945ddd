"""What the merchant's pages and the API for shops show."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from jishi.kit.ids import ShopId
from jishi.modules.orders import OrderState

S = OrderState
TABS: Final = (S.UNPAID, S.TO_SHIP, S.PART_SHIPPED, S.SHIPPED, S.COMPLETED, S.REFUNDED, S.CANCELLED)
BY_CODE: Final = {state.code: state for state in TABS}
COUNT_MAX: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which orders of a shop. ``since`` and ``until`` are about placing; ``until`` is not included."""

    shop_id: ShopId
    now: datetime
    state: OrderState | None = None
    q: str = ""
    late: bool = False  # only what should have left by now
    since: datetime | None = None
    until: datetime | None = None

    @property
    def by_deadline(self) -> bool:
        """What waits to be shipped is listed by its deadline, all else newest first."""
        return self.late or self.state in (OrderState.TO_SHIP, OrderState.PART_SHIPPED)

    @property
    def by_completion(self) -> bool:
        """Completed orders are listed by when they were completed, the last first."""
        return self.state is OrderState.COMPLETED


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Order ids in order. ``next_cursor`` goes on; ``searched_on`` says it goes on searching."""

    ids: list[int]
    next_cursor: str | None = None
    searched_on: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of an order as lists show it; ``image`` as macro ``pic`` takes it."""

    line: int
    sku_id: int
    title: str
    spec: str
    quantity: int
    shipped_quantity: int
    cancelled_quantity: int  # refunded before they left
    price_minor: int
    amount_minor: int
    image: str | None

    @property
    def left(self) -> int:
        return self.quantity - self.shipped_quantity - self.cancelled_quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRow:
    """An order in a list; ``receiver`` is masked unless the reader packs it."""

    id: int
    state: OrderState
    amount_minor: int
    freight_minor: int
    refunded_minor: int
    note: str
    channel: str
    placed_at: datetime
    expires_at: datetime
    paid_at: datetime | None
    ship_by: datetime | None
    shipped_at: datetime | None
    confirm_by: datetime | None
    closed_at: datetime | None
    receiver: dict[str, str]
    lines: list[Line] = field(default_factory=list)
    parcel: dict[str, Any] | None = None

    @property
    def tail(self) -> str:
        """The end of the number, in groups, as people read it out."""
        return number_tail(self.id)

    @property
    def pieces(self) -> int:
        return sum(line.quantity for line in self.lines)

    @property
    def is_to_ship(self) -> bool:
        return self.state in (OrderState.TO_SHIP, OrderState.PART_SHIPPED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """An order whose money is held for the shop, and the market's part of it; minor units."""

    id: int
    state: OrderState
    held_minor: int
    fee_minor: int
    paid_at: datetime
    confirm_by: datetime | None

    @property
    def shop_minor(self) -> int:
        return self.held_minor - self.fee_minor


def number_tail(order_id: int) -> str:
    """``…504 113 902``."""
    digits = str(order_id)[-9:]
    return "…" + " ".join(digits[at : at + 3] for at in range(0, len(digits), 3))
