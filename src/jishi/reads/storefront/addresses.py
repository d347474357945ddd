"""Addresses of lists: what they say that a list understands. Pure."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Final
from urllib.parse import quote

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
    said = "&".join([_written(key, value) for key, value in pairs if value])
    return f"{path}?{said}" if said else path


@lru_cache(maxsize=20_000)
def _written(key: str, value: str) -> str:
    """The same pair stands in every link of a page that narrows a list: some sixty."""
    return f"{quote(key, safe='')}={quote(value, safe='')}"


def without(path: str, pairs: Pairs, *keys: str) -> str:
    return address(path, [it for it in known(pairs) if it[0] not in keys])
