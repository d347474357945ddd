"""How products are put in order, what lists are narrowed by, and how a query is asked. Pure."""

import hashlib
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

from jishi.modules.search.types import (
    FREE_FREIGHT,
    IN_STOCK,
    ON_OFFER,
    RATED_3,
    RATED_4,
    Asked,
    Narrowing,
    Plan,
    Signals,
)

# What one product is ahead of another by, beside its words.
SALES_WEIGHT: Final = 1000  # for 2.7 times as many sold
DAY_WEIGHT: Final = 10  # for each day it was listed later
OUT_OF_STOCK: Final = 20_000  # and this behind when nothing is left
_FIRST_DAY: Final = datetime(2024, 1, 1, tzinfo=UTC)

# Price bands in minor units: ¥1, 2, 3, 5, 7, 10 … – lexemes and the steps that are counted.
PRICE_EDGES: Final = tuple(step * 10**power for power in range(2, 9) for step in (1, 2, 3, 5, 7))
_ALPHABET: Final = "0123456789abcdefghijklmnopqrstuvwxyz"


def quoted(lexeme: str) -> str:
    """A lexeme so that no sign in it means anything to the database."""
    return "'" + lexeme.replace("\\", "\\\\").replace("'", "''") + "'"


def folded(text: str) -> str:
    """One spelling for all: full width, case and compatibility forms are taken away."""
    return unicodedata.normalize("NFKC", text).casefold()


@lru_cache(maxsize=50_000)
def facet_code(name: str, value: str) -> int:
    """The number of a brand or an attribute's value; above 1,000, so that small ones are free."""
    told = f"{folded(name)}\0{folded(value)}".encode()
    found = int.from_bytes(hashlib.blake2b(told, digest_size=8).digest(), "big") >> 1
    return found | 1 << 20


@lru_cache(maxsize=50_000)
def facet_lexeme(code: int) -> str:
    """The lexeme of a facet's code, without its sign."""
    digits = ""
    while code:
        code, digit = divmod(code, 36)
        digits = _ALPHABET[digit] + digits
    return f"f{digits}"


def signs_of(signals: Signals) -> list[str]:
    """Lexemes for what changes without the product: price band, stock, freight, offer, stars, place."""
    found = [f"~p{price_band(signals.price_minor)}"]
    found += [f"~n{number}" for number in numbers_of(signals)]
    found += [f"~g{code}" for code in (signals.province, signals.city) if code]
    return found


def numbers_of(signals: Signals) -> list[int]:
    """Which of the small facets a product has."""
    said = (
        (IN_STOCK, signals.in_stock),
        (FREE_FREIGHT, signals.free_freight),
        (ON_OFFER, signals.on_offer),
        (RATED_3, signals.rating_tenths >= 30),  # noqa: PLR2004 - three stars
        (RATED_4, signals.rating_tenths >= 40),  # noqa: PLR2004
    )
    return [number for number, holds in said if holds]


def price_band(price_minor: int) -> int:
    """Which of the bands between PRICE_EDGES a price lies in; 0 is below the first edge."""
    return bisect_right(PRICE_EDGES, price_minor)


def score_of(signals: Signals) -> int:
    """What a product brings to every search: sales by their logarithm, the day it was listed, stock."""
    days = max(0, (signals.listed_at - _FIRST_DAY).days)
    missing = 0 if signals.in_stock else OUT_OF_STOCK
    return log_milli(1 + signals.sold_count) + days * DAY_WEIGHT - missing


def log_milli(value: int) -> int:
    """About 1,000 times the natural logarithm of a whole number from 1 on; never falls."""
    bits = value.bit_length() - 1
    rest = (value << 10 >> bits) - 1024  # linear between powers of two
    return (bits * 1024 + rest) * 693 // 1024


# asking ------------------------------------------------------------------------------------------


def plan_of(asked: Asked | None, narrow: Narrowing, *, near: Sequence[int] = ()) -> Plan:
    """How a query with filters is asked. ``near``: provinces beside the buyer's own.

    Without words a category or a filter other than stock must be set. By distance the phases are city,
    province,
    neighbours, the rest; with words, last come those that have them only in the description.
    """
    filters = _filters(narrow)
    span = (narrow.low_minor, narrow.high_minor, narrow.in_stock)
    if asked is None or not asked.groups:
        query = _all(filters)
        return Plan(_by_place(query, narrow.city, near), query, None, None, None, *span)
    plain = _groups(asked, "")
    whole = _all([*_groups(asked, "", said=True), *filters])
    phases = _by_place(_all([*plain, *filters]), narrow.city, near)
    return Plan(
        [*phases, f"{whole} & !{_all(plain)}"],
        whole,
        _all(f"{quoted(word)}:A" for word in asked.typed) if asked.typed else None,
        _all(_groups(asked, "A")),
        _all(_groups(asked, "AB")),
        *span,
    )


def _all(parts: Iterable[str]) -> str:
    return "(" + " & ".join(parts) + ")"


def _any(parts: Iterable[str]) -> str:
    return "(" + " | ".join(parts) + ")"


def _groups(asked: Asked, weights: str, *, said: bool = False) -> list[str]:
    """Each group as a choice. ``said``: words of the description count too."""
    found = []
    for group in asked.groups:
        ways = [_all(_word(word, weights, said=said) for word in way) for way in group]
        found.append(_any(ways))
    return found


def _word(word: str, weights: str, *, said: bool) -> str:
    plain = quoted(word) + (f":{weights}" if weights else "")
    return f"({plain} | {quoted('-' + word)})" if said else plain


def _filters(narrow: Narrowing) -> list[str]:
    found = [quoted(f"~c{narrow.category_id}")] if narrow.category_id else []
    numbers = [
        (FREE_FREIGHT, narrow.free_freight),
        (ON_OFFER, narrow.on_offer),
        (RATED_3, narrow.rating == 3),  # noqa: PLR2004
        (RATED_4, narrow.rating == 4),  # noqa: PLR2004
    ]
    found += [quoted(f"~n{number}") for number, holds in numbers if holds]
    if narrow.brands:
        found.append(_any(_choice("", brand) for brand in narrow.brands))
    for name in dict.fromkeys(name for name, _ in narrow.values):
        found.append(_any(_choice(name, value) for it, value in narrow.values if it == name))
    if narrow.low_minor is not None or narrow.high_minor is not None:
        first = price_band(narrow.low_minor or 0)
        last = price_band(narrow.high_minor) if narrow.high_minor is not None else len(PRICE_EDGES)
        found.append(_any(quoted(f"~p{band}") for band in range(first, last + 1)))
    return found


def _choice(name: str, value: str) -> str:
    return quoted(f"~{facet_lexeme(facet_code(name, value))}")


def _by_place(query: str, city: int | None, near: Sequence[int]) -> list[str]:
    """One query as up to four, the nearest first; as it is without a city."""
    if not city:
        return [query]
    here, around = quoted(f"~g{city}"), quoted(f"~g{city // 100}")
    beside = _any(quoted(f"~g{code}") for code in near) if near else None
    found = [f"{query} & {here}", f"{query} & {around} & !{here}"]
    if beside:
        found.append(f"{query} & {beside} & !{around}")
    return [*found, f"{query} & !{around}" + (f" & !{beside}" if beside else "")]


# upkeep ------------------------------------------------------------------------------------------

SCORE_STEP: Final = 100  # a score off by less stays as it is


def is_off_size(filled: int, size: int, least_score: int | None) -> bool:
    """Whether a tier should be cut anew: full to over five quarters, or emptied below three."""
    if least_score is None:
        return filled * 4 > size * 5
    return filled * 4 > size * 5 or filled * 4 < size * 3
