"""From a query as typed to what it stands for; answers are kept a minute per process."""

import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

from cachetools import TTLCache

from jishi.db import Tx
from jishi.kit.text import clean
from jishi.modules.search import meaning, storage, words
from jishi.modules.search.meaning import Lead, Way
from jishi.modules.search.rules import folded
from jishi.modules.search.types import QUERY_MAX, QUERY_WORDS_MAX, Asked

KEPT_SECONDS: Final = 60.0
KEPT_MAX: Final = 5_000


class Understanding:
    """One per process (``app.state``)."""

    def __init__(self) -> None:
        self._kept: TTLCache[str, Asked] = TTLCache(KEPT_MAX, KEPT_SECONDS)
        self._synonyms: Mapping[Way, Sequence[Way]] = {}
        self._until = 0.0

    async def of(self, tx: Tx, query: str) -> Asked | None:
        """What a query stands for; None when there is no word in it."""
        text = clean(query[:QUERY_MAX])
        asked = self._kept.get(text)
        if asked is not None:
            return asked
        now = time.monotonic()
        if now > self._until:
            self._synonyms = meaning.synonym_ways(await storage.synonyms(tx))
            self._until = now + KEPT_SECONDS
        asked = await understand(tx, text, self._synonyms)
        if asked is not None:
            self._kept[text] = asked
        return asked

    def forget(self) -> None:
        """Read everything anew: a synonym has changed."""
        self._kept.clear()
        self._until = 0.0


async def understand(tx: Tx, text: str, synonyms: Mapping[Way, Sequence[Way]]) -> Asked | None:
    """At most two statements, the second for words nobody knows."""
    typed = typed_words(text)
    if not typed:
        return None
    leads = _by_place(await storage.lookup(tx, typed, [words.compact(it) for it in typed]))
    ways = {word: meaning.ways_of(leads.get(at, [])) for at, word in enumerate(typed, start=1)}
    lost = [
        word
        for word in typed
        if not ways[word] and (word,) not in synonyms and not words.has_digit(word)
    ]
    if lost:
        whole = _homophone_of(typed, lost)
        if whole:
            typed = [it for it in typed if it not in whole]
            typed, lost = [*typed, "".join(whole)], [it for it in lost if it not in whole]
            lost.append("".join(whole))
        ways |= await _rescue(tx, lost)
    return meaning.understood(text, typed, ways, lost, synonyms)


def typed_words(text: str) -> list[str]:
    """The words of a query, at most eight. A code is taken without its signs, as one word."""
    found: list[str] = []
    for piece in folded(text).split():
        is_code = any(it.isdigit() for it in piece) and any(it in "-_/." for it in piece)
        code = words.compact(piece) if is_code and not words.is_han(piece) else ""
        found += [code] if code else words.cut_query(piece)
    return list(dict.fromkeys(found))[:QUERY_WORDS_MAX]


def _homophone_of(typed: Sequence[str], lost: Sequence[str]) -> list[str]:
    """Chinese words of which one is unknown, to be heard as one: 苹 裹 as pingguo."""
    han = [word for word in typed if words.is_han(word)]
    is_short = sum(len(word) for word in han) <= 6  # noqa: PLR2004 - signs of one word
    is_lost = any(word in lost or len(word) == 1 for word in han)
    return han if len(han) > 1 and is_short and is_lost and set(han) & set(lost) else []


async def _rescue(tx: Tx, lost: Sequence[str]) -> dict[str, list[Way]]:
    spoken = [(words.pinyin_of(word) or (word, ""))[0] for word in lost]
    keys = [words.near_keys(word) for word in spoken]
    leads = _by_place(await storage.rescue(tx, lost, spoken, keys))
    return {
        word: meaning.rescued(said, leads.get(at, [])) or _pieces(word)
        for at, (word, said) in enumerate(zip(lost, spoken, strict=True), start=1)
    }


def _pieces(word: str) -> list[Way]:
    """A long Chinese word nobody has as the short ones in it."""
    pieces = [it for it in words.cut(word) if it != word]
    return [tuple(dict.fromkeys(pieces))] if words.is_han(word) and pieces else []


def _by_place(rows: Sequence[Mapping[str, object]]) -> dict[int, list[Lead]]:
    found: dict[int, list[Lead]] = defaultdict(list)
    for row in rows:
        told = dict(row)
        found[int(str(told.pop("at")))].append(Lead(**told))  # type: ignore[arg-type]
    return found
