"""What a search box means. Pure."""

import unicodedata
from dataclasses import dataclass
from typing import Final

from jishi.kit.ids import parse_id

Q_MAX: Final = 60
ID_DIGITS: Final = 15  # an order number has 17 to 19
TAIL_DIGITS: Final = 3
WAYBILL_MIN: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How a shop's orders are searched. None: not that way."""

    text: str
    order_id: int | None = None  # the whole number
    waybill: str | None = None
    digits: str | None = None  # the end of order number or phone
    words: str | None = None  # part of a name or title, lower case
    code: str | None = None  # a SKU code, as typed


def terms_of(q: str) -> Terms | None:
    """None for an empty box. Digits may be written in groups: ``…504 113 902``."""
    text = " ".join(unicodedata.normalize("NFKC", q)[:Q_MAX].split())
    if not text:
        return None
    joined = "".join(letter for letter in text if letter not in " .…-")
    is_number = joined.isascii() and joined.isdigit()
    is_plain = joined.isascii() and joined.isalnum() and any(letter.isdigit() for letter in joined)
    return Terms(
        text=text,
        order_id=parse_id(joined) if is_number and len(joined) >= ID_DIGITS else None,
        waybill=text.replace(" ", "").upper() if is_plain and len(joined) >= WAYBILL_MIN else None,
        digits=joined if is_number and len(joined) >= TAIL_DIGITS else None,
        words=None if is_number else text.lower(),
        code=text,
    )
