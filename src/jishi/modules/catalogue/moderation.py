"""Finding words that goods or talk may not carry, however written. Pure but for reading the shipped list.

Text is folded first: width, case, and everything between letters that is no letter. So ``高 仿``,
``高*仿`` and ``高　仿`` are one word. Letters of the Latin script count as whole words only: ``A货`` does not
stand in ``NBA货架``. A word may name what it is part of and harmless in: ``高仿`` in ``高仿真``.
"""

import csv
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Final

LIST_VERSION: Final = "2026-11"
WORD_MIN: Final = 2
WORD_MAX: Final = 60
OWN: Final = "own"

GOODS, TALK = "goods", "talk"
# Subjects that matter in what people write to each other. 高仿 there is a complaint; superlatives and
# promises of cures are a matter of advertising.
TALK_SUBJECTS: Final = frozenset(
    {"forged", "drugs", "weapons", "spying", "wildlife", "contact", "money"}
)


@dataclass(frozen=True, slots=True)
class Word:
    """``level``: block or look. ``unless``: longer words it is harmless in."""

    word: str
    level: str
    subject: str = OWN
    unless: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OwnWord:
    """A word of the market's. ``level``: block, look, or off (let pass); ``place``: goods, talk or both."""

    word: str
    level: str
    place: str = GOODS


class Matcher:
    """Finds many words in one pass: what a word begins with leads to the few that could stand there."""

    def __init__(self, words: Iterable[Word]) -> None:
        self._joined: dict[str, list[tuple[str, tuple[str, ...], Word]]] = defaultdict(list)
        self._latin: dict[str, Word] = {}
        self._latin_words = 1
        for word in words:
            spread = spaced(word.word)
            folded = spread.replace(" ", "")
            if len(folded) < WORD_MIN:
                continue
            if folded.isascii():
                self._latin[spread] = word
                self._latin_words = max(self._latin_words, spread.count(" ") + 1)
            else:
                around = tuple(_joined(it) for it in word.unless)
                self._joined[folded[:WORD_MIN]].append((folded, around, word))

    def found_in(self, text: str) -> list[Word]:
        """Each word once, in the order they come."""
        parts = spaced(text).split()
        found = dict.fromkeys(self._in_joined(parts))
        found |= dict.fromkeys(self._in_latin(parts))
        return list(found)

    def _in_joined(self, parts: list[str]) -> Iterable[Word]:
        text = "".join(parts)
        starts, length = set[int](), 0
        for part in parts:
            starts.add(length)
            length += len(part)
        for at in range(len(text) - 1):
            for folded, around, word in self._joined.get(text[at : at + WORD_MIN], ()):
                if (
                    text.startswith(folded, at)
                    and _is_whole(text, at, at + len(folded), starts)
                    and not any(_lies_in(text, at, folded, it) for it in around)
                ):
                    yield word

    def _in_latin(self, parts: list[str]) -> Iterable[Word]:
        for at in range(len(parts)):
            for count in range(1, self._latin_words + 1):
                word = self._latin.get(" ".join(parts[at : at + count]))
                if word is not None:
                    yield word


def _is_whole(text: str, start: int, end: int, starts: set[int]) -> bool:
    """Whether Latin letters and digits at the ends of a find go on outside it."""
    before = start > 0 and start not in starts and text[start - 1 : start + 1].isascii()
    after = end < len(text) and end not in starts and text[end - 1 : end + 1].isascii()
    return not before and not after


def _lies_in(text: str, at: int, word: str, longer: str) -> bool:
    offset = longer.find(word)
    return 0 <= offset <= at and text.startswith(longer, at - offset)


def spaced(text: str) -> str:
    """Folded: NFKC, case gone, runs of letters and digits with one space between."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    visible = (sign for sign in folded if unicodedata.category(sign) not in {"Cf", "Mn"})
    return " ".join("".join(sign if sign.isalnum() else " " for sign in visible).split())


def _joined(text: str) -> str:
    return spaced(text).replace(" ", "")


@lru_cache(maxsize=1)
def shipped() -> tuple[Word, ...]:
    """The words that come with Jishi."""
    text = files(__package__).joinpath("moderation.csv").read_text(encoding="utf-8")
    return tuple(
        Word(row["word"], row["level"], row["subject"], tuple((row["unless"] or "").split()))
        for row in csv.DictReader(text.splitlines())
    )


def matcher_of(own: Sequence[OwnWord], place: str = GOODS) -> Matcher:
    """The shipped words that apply in a place (goods or talk), with the market's ``own`` over them."""
    here = {spaced(it.word): it for it in own if it.place in {place, "both"}}
    kept = [
        it
        for it in shipped()
        if spaced(it.word) not in here and (place == GOODS or it.subject in TALK_SUBJECTS)
    ]
    added = [Word(it.word, it.level) for it in here.values() if it.level != "off"]
    return Matcher([*kept, *added])
