"""What may stand in a cart. Pure."""

from jishi.modules.carts.types import QUANTITY_MAX, QuantityInvalid

SHOWN_MAX = 12  # characters of a wrong quantity repeated to its writer


def quantity_of(given: str | int, *, field: str = "quantity") -> int:
    """Pieces from what was typed or sent: 1 to 9,999. Raises QuantityInvalid."""
    text = str(given).strip()
    is_whole = text.isascii() and text.isdigit() and len(text) <= SHOWN_MAX
    if not is_whole or not 1 <= int(text) <= QUANTITY_MAX:
        raise QuantityInvalid(field=field, most=QUANTITY_MAX, quantity=text[:SHOWN_MAX] or "–")
    return int(text)


def summed(before: int, more: int) -> int:
    """Pieces of a line after adding ``more``; what is above the most a line holds is left out.

    ``sql/add_line.sql`` and ``sql/join_carts.sql`` repeat it.
    """
    return min(before + more, QUANTITY_MAX)
