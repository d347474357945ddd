"""Which life an Olist order leads here: the steps it takes and when, or why it takes none. Pure.

The mapping is decision 0010. Dates are the order's own; where they are missing or run backwards
the plan says so in ``oddities``, which are counted and kept with the order.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from jishi.imports.olist import Item, Order


class End(StrEnum):
    """Where an order stands after its last step."""

    CANCELLED = "cancelled"  # never paid
    TO_SHIP = "to_ship"
    SHIPPED = "shipped"
    COMPLETED = "completed"
    REFUNDED = "refunded"


class Oddity(StrEnum):
    MANY_SELLERS = "many_sellers"  # one checkout, an order for each seller
    MANY_PAYMENTS = "many_payments"
    PAYMENT_OF_ZERO = "payment_of_zero"
    PAYMENT_DIFFERS = "payment_differs"  # by more than one minor unit: interest, vouchers
    PAID_WITHOUT_PAYMENT = "paid_without_payment"
    PAID_WITHOUT_DATE = "paid_without_date"
    PAYMENT_NEVER_TAKEN = "payment_never_taken"  # payment rows of an order that was not paid
    SHIPPED_WITHOUT_DATE = "shipped_without_date"
    DELIVERED_WITHOUT_DATE = "delivered_without_date"
    DATES_OUT_OF_ORDER = "dates_out_of_order"
    CANCELLED_AFTER_SHIPPING = "cancelled_after_shipping"
    CANCELLED_AFTER_DELIVERY = "cancelled_after_delivery"


WITHOUT_ITEMS = "order_without_items"  # why an order is only recorded
MINOR_TOLERANCE = 1  # payments may be off by one minor unit without being called different

ENDS = {
    "delivered": End.COMPLETED,
    "shipped": End.SHIPPED,
    "invoiced": End.TO_SHIP,
    "processing": End.TO_SHIP,
    "approved": End.TO_SHIP,
    "created": End.CANCELLED,
    "unavailable": End.REFUNDED,
    "canceled": End.REFUNDED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Pieces of one product at one price."""

    product_id: str
    quantity: int
    price_minor: int
    freight_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What one seller sends: an order of its own here."""

    seller_id: str
    lines: tuple[Line, ...]

    @property
    def goods_minor(self) -> int:
        return sum(line.price_minor * line.quantity for line in self.lines)

    @property
    def freight_minor(self) -> int:
        return sum(line.freight_minor for line in self.lines)

    @property
    def amount_minor(self) -> int:
        return self.goods_minor + self.freight_minor


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One checkout with its steps; a step without an instant is not taken."""

    order: Order
    parts: tuple[Part, ...]
    end: End
    placed_at: datetime
    expires_at: datetime
    paid_at: datetime | None
    shipped_at: datetime | None
    completed_at: datetime | None
    refunded_at: datetime | None
    cancelled_at: datetime | None
    cancelled_why: str  # lapsed, or cancelled by the import
    oddities: frozenset[Oddity]

    @property
    def amount_minor(self) -> int:
        return sum(part.amount_minor for part in self.parts)

    @property
    def booked_minor(self) -> int:
        """What the ledger takes in for it: everything, or nothing when it was never paid."""
        return self.amount_minor if self.paid_at else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Leftover:
    """An order that cannot be placed: kept with its payments, counted, not in the order book."""

    order: Order
    why: str
    oddities: frozenset[Oddity]


def plan(order: Order, *, unpaid_window: timedelta) -> Story | Leftover:
    """The life of one order; ``unpaid_window`` is how long the market waits for money."""
    if not order.items:
        return Leftover(order=order, why=WITHOUT_ITEMS, oddities=_payment_oddities(order))
    return _Planner(order, unpaid_window).story()


def parts_of(items: tuple[Item, ...]) -> tuple[Part, ...]:
    """Items by seller, pieces of one product at one price on one line, in file order."""
    by_seller: dict[str, dict[tuple[str, int], list[Item]]] = {}
    for item in items:
        lines = by_seller.setdefault(item.seller_id, {})
        lines.setdefault((item.product_id, item.price_minor), []).append(item)
    return tuple(
        Part(
            seller_id=seller_id,
            lines=tuple(
                Line(
                    product_id=product_id,
                    quantity=len(pieces),
                    price_minor=price_minor,
                    freight_minor=sum(piece.freight_minor for piece in pieces),
                )
                for (product_id, price_minor), pieces in lines.items()
            ),
        )
        for seller_id, lines in by_seller.items()
    )


class _Planner:
    """Walks the steps of one order in time; each step is at or after the one before."""

    def __init__(self, order: Order, unpaid_window: timedelta) -> None:
        self._order = order
        self._window = unpaid_window
        self._at = order.purchased_at
        self._odd = set(_payment_oddities(order))
        self._parts = parts_of(order.items)

    def story(self) -> Story:
        order = self._order
        end = self._end()
        paid_at = None if end is End.CANCELLED else self._paid_at()
        shipped_at = self._shipped_at() if end in {End.SHIPPED, End.COMPLETED} else None
        completed_at = self._completed_at() if end is End.COMPLETED else None
        refunded_at = self._ended_at() if end is End.REFUNDED else None
        is_lapse = end is End.CANCELLED and order.status == "created"
        expires_at = max(paid_at or order.purchased_at, order.purchased_at + self._window)
        if len(self._parts) > 1:
            self._odd.add(Oddity.MANY_SELLERS)
        if end is not End.CANCELLED and abs(order.payments_minor - order.amount_minor) > (
            MINOR_TOLERANCE
        ):
            self._odd.add(Oddity.PAYMENT_DIFFERS)
        return Story(
            order=order,
            parts=self._parts,
            end=end,
            placed_at=order.purchased_at,
            expires_at=expires_at,
            paid_at=paid_at,
            shipped_at=shipped_at,
            completed_at=completed_at,
            refunded_at=refunded_at,
            cancelled_at=(expires_at if is_lapse else self._ended_at())
            if end is End.CANCELLED
            else None,
            cancelled_why="lapsed" if is_lapse else "cancelled",
            oddities=frozenset(self._odd),
        )

    def _end(self) -> End:
        """A cancelled or unavailable order is refunded when it was paid, else only cancelled."""
        end = ENDS[self._order.status]
        if end is End.REFUNDED and not (self._order.approved_at and self._order.payments):
            end = End.CANCELLED
        if end is End.CANCELLED and self._order.payments_minor:
            self._odd.add(Oddity.PAYMENT_NEVER_TAKEN)
        return end

    def _paid_at(self) -> datetime:
        if not self._order.payments:
            self._odd.add(Oddity.PAID_WITHOUT_PAYMENT)
        return self._step(self._order.approved_at, Oddity.PAID_WITHOUT_DATE)

    def _shipped_at(self) -> datetime:
        return self._step(self._order.carried_at, Oddity.SHIPPED_WITHOUT_DATE)

    def _completed_at(self) -> datetime:
        if self._order.delivered_at is None and self._order.estimated_at is not None:
            self._odd.add(Oddity.DELIVERED_WITHOUT_DATE)
            self._at = max(self._at, self._order.estimated_at)
            return self._at
        return self._step(self._order.delivered_at, Oddity.DELIVERED_WITHOUT_DATE)

    def _ended_at(self) -> datetime:
        """The files date no cancelling: it is set to the last thing known to have happened."""
        order = self._order
        if order.carried_at:
            self._odd.add(Oddity.CANCELLED_AFTER_SHIPPING)
        if order.delivered_at:
            self._odd.add(Oddity.CANCELLED_AFTER_DELIVERY)
        known = [it for it in (order.approved_at, order.carried_at, order.delivered_at) if it]
        return max([self._at, *known])

    def _step(self, at: datetime | None, missing: Oddity) -> datetime:
        """The instant of the next step: never before the one before; that one when unknown."""
        if at is None:
            self._odd.add(missing)
        elif at < self._at:
            self._odd.add(Oddity.DATES_OUT_OF_ORDER)
        self._at = max(self._at, at or self._at)
        return self._at


def _payment_oddities(order: Order) -> frozenset[Oddity]:
    found = set()
    if len(order.payments) > 1:
        found.add(Oddity.MANY_PAYMENTS)
    if any(payment.amount_minor == 0 for payment in order.payments):
        found.add(Oddity.PAYMENT_OF_ZERO)
    return frozenset(found)
