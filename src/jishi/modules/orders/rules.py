"""Arithmetic of orders. Pure."""

from dataclasses import dataclass

from jishi.kit.money import split


def units(amount_minor: int, quantity: int) -> list[int]:
    """What was paid for each unit of a line, adding up to the line's amount exactly.

    Units are alike, so the parts differ by one minor unit at most; earlier units carry it.
    """
    return split(amount_minor, [1] * quantity)


@dataclass(frozen=True, slots=True, kw_only=True)
class LineLeft:
    """What of a line has not been refunded yet: units, and minor units of each payer's money."""

    units: int
    buyer_minor: int
    platform_minor: int = 0
    creator_minor: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundParts:
    """What goes back to each payer."""

    buyer_minor: int
    platform_minor: int
    creator_minor: int

    @property
    def total_minor(self) -> int:
        return self.buyer_minor + self.platform_minor + self.creator_minor


def refund_cap(left: LineLeft, quantity: int) -> RefundParts:
    """What ``quantity`` of the units left cost each payer; for 0 units all the money left."""
    assert 0 <= quantity <= left.units

    def first(amount_minor: int) -> int:
        return sum(units(amount_minor, left.units)[:quantity]) if quantity else amount_minor

    return RefundParts(
        buyer_minor=first(left.buyer_minor),
        platform_minor=first(left.platform_minor),
        creator_minor=first(left.creator_minor),
    )


def refund_parts(
    left: LineLeft, quantity: int, amount_minor: int | None = None
) -> RefundParts | None:
    """What each payer gets back for ``quantity`` units, or for money alone (0 units).

    ``amount_minor`` is the buyer's money; None: all that the units cost. Less than that gives the
    other payers as much less, rounded down. None when there are no such units or not so much
    money. Refunding every unit in whatever portions ends at exactly nothing left.
    """
    if not 0 <= quantity <= left.units or (quantity == 0 and not amount_minor):
        return None
    cap = refund_cap(left, quantity)
    if amount_minor is None or (quantity and amount_minor == cap.buyer_minor):
        return cap
    if not 0 <= amount_minor <= cap.buyer_minor:
        return None
    return RefundParts(
        buyer_minor=amount_minor,
        platform_minor=cap.platform_minor * amount_minor // cap.buyer_minor,
        creator_minor=cap.creator_minor * amount_minor // cap.buyer_minor,
    )
