"""Why freight costs what it costs, in the reader's language. Pure: the words and the money come in."""

from collections.abc import Callable
from typing import Any, Protocol

from jishi.kit.text import mark as _
from jishi.modules.fulfilment.types_freight import WORDS, Counts, FreightPart

KILO, CUBIC_METRE = 1_000, 1_000_000
GRAMS, KILOS, LITRES, CUBIC = _("{n} g"), _("{n} kg"), _("{n} cm³"), _("{n} m³")


class Words(Protocol):
    """What ``jishi.web.i18n.Translator`` offers."""

    def gettext(self, msgid: str, /, **facts: Any) -> str: ...
    def ngettext(self, one: str, many: str, n: int, /, **facts: Any) -> str: ...


def freight_reason(part: FreightPart, words: Words, money: Callable[[int], str]) -> str:
    """One sentence for a part of a freight: "¥8.00 for the first 1 kg, ¥2.00 for each further 1 kg; …"."""
    facts = {
        name: money(value)
        if name.endswith("_minor")
        else shown_units(value, part.counts, words)
        if name in {"units", "first", "next"} and part.counts
        else f"{value:,}"
        for name, value in part.facts.items()
    }
    return words.gettext(WORDS[part.reason], **facts)


def shown_units(units: int, counts: Counts, words: Words) -> str:
    """``3 pieces``, ``500 g``, ``1.5 kg``, ``800 cm³``, ``0.25 m³``."""
    match counts:
        case Counts.PIECE:
            return words.ngettext("{n} piece", "{n} pieces", units)
        case Counts.WEIGHT:
            return _scaled(units, KILO, 1, GRAMS, KILOS, words)
        case Counts.VOLUME:
            return _scaled(units, CUBIC_METRE, 10, LITRES, CUBIC, words)


def _scaled(units: int, scale: int, from_part: int, small: str, large: str, words: Words) -> str:
    """In the large unit from a ``from_part``-th of it on, without trailing zeros."""
    if units * from_part < scale:
        return words.gettext(small, n=f"{units:,}")
    whole, rest = divmod(units, scale)
    digits = str(rest).rjust(len(str(scale)) - 1, "0").rstrip("0")
    return words.gettext(large, n=f"{whole:,}.{digits}" if digits else f"{whole:,}")
