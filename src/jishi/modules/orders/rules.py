"""Arithmetic of orders. Pure."""

from jishi.kit.money import split


def units(amount_minor: int, quantity: int) -> list[int]:
    """What was paid for each unit of a line, adding up to the line's amount exactly.

    Units are alike, so the parts differ by one minor unit at most; earlier units carry it.
    """
    return split(amount_minor, [1] * quantity)
