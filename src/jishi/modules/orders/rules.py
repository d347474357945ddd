"""Arithmetic of orders. Pure."""

from datetime import datetime

from jishi.kit.money import split

SECONDS_A_DAY = 86_400


def units(amount_minor: int, quantity: int) -> list[int]:
    """What was paid for each unit of a line, adding up to the line's amount exactly.

    Units are alike, so the parts differ by one minor unit at most; earlier units carry it.
    """
    return split(amount_minor, [1] * quantity)


def days_left(until: datetime, *, now: datetime) -> int:
    """Whole days until a deadline, rounded up; 0 once it has passed."""
    seconds = (until - now).total_seconds()
    return max(0, -int(-seconds // SECONDS_A_DAY))
