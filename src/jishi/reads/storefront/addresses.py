"""Addresses of lists: what they say that a list understands. Pure."""

from collections.abc import Sequence
from typing import Final
from urllib.parse import quote, urlencode

Pairs = Sequence[tuple[str, str]]
NARROWING: Final = ("low", "high", "stock", "free", "offer", "rating", "brand", "a")
KNOWN: Final = frozenset({"q", "c", "near", "sort", *NARROWING})
PAIRS_MAX: Final = 40
VALUE_MAX: Final = 200


def known(pairs: Pairs) -> list[tuple[str, str]]:
    """What an address says that a list understands; the page it was on is left out."""
    kept = [(key, value) for key, value in pairs if key in KNOWN and 0 < len(value) <= VALUE_MAX]
    return list(dict.fromkeys(kept))[:PAIRS_MAX]


def address(path: str, pairs: Pairs) -> str:
    said = [(key, value) for key, value in pairs if value]
    return f"{path}?{urlencode(said, quote_via=quote)}" if said else path


def without(path: str, pairs: Pairs, *keys: str) -> str:
    return address(path, [it for it in known(pairs) if it[0] not in keys])
