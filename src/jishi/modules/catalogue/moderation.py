"""Finding words that goods may not carry, however they are written. Pure but for reading the shipped list.

Text is folded first: width, case, and everything between letters that is no letter. So ``高 仿``,
``高*仿`` and ``高　仿`` are one word. Words of Latin letters only count as whole words.
"""

import csv
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Final

LIST_VERSION: Final = "2026-11"
WORD_MIN: Final = 2
WORD_MAX: Final = 60


@dataclass(frozen=True, slots=True)
class Word:
    """``level``: block or look."""

    word: str
    level: str
    subject: str = "own"


class Matcher:
    """Finds many words in one pass: what a word begins with leads to the few that could stand there."""

    def __init__(self, words: Iterable[Word]) -> None:
        self._joined: dict[str, list[tuple[str, Word]]] = defaultdict(list)
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
                self._joined[folded[:WORD_MIN]].append((folded, word))

    def found_in(self, text: str) -> list[Word]:
        """Each word once, in the order they come."""
        spread = spaced(text)
        found = dict.fromkeys(self._in_joined(spread.replace(" ", "")))
        found |= dict.fromkeys(self._in_latin(spread.split()))
        return list(found)

    def _in_joined(self, text: str) -> Iterable[Word]:
        for at in range(len(text) - 1):
            for folded, word in self._joined.get(text[at : at + WORD_MIN], ()):
                if text.startswith(folded, at):
                    yield word

    def _in_latin(self, parts: list[str]) -> Iterable[Word]:
        for at in range(len(parts)):
            for count in range(1, self._latin_words + 1):
                word = self._latin.get(" ".join(parts[at : at + count]))
                if word is not None:
                    yield word


def spaced(text: str) -> str:
    """Folded: NFKC, case gone, runs of letters and digits with one space between."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    visible = (sign for sign in folded if unicodedata.category(sign) not in {"Cf", "Mn"})
    return " ".join("".join(sign if sign.isalnum() else " " for sign in visible).split())


@lru_cache(maxsize=1)
def shipped() -> tuple[Word, ...]:
    """The words that come with Jishi."""
    text = files(__package__).joinpath("moderation.csv").read_text(encoding="utf-8")
    return tuple(
        Word(row["word"], row["level"], row["subject"]) for row in csv.DictReader(text.splitlines())
    )


def matcher_of(own: Mapping[str, str]) -> Matcher:
    """The shipped words with the market's ``own`` over them: word → block, look or off."""
    levels = {spaced(word): level for word, level in own.items()}
    kept = [it for it in shipped() if spaced(it.word) not in levels]
    added = [Word(word, level) for word, level in own.items() if level != "off"]
    return Matcher([*kept, *added])
