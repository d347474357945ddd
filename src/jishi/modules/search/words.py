"""Texts cut into words, and what leads to a word: pinyin, initials, letters struck out. Pure."""

import hashlib
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import combinations
from typing import Final

import rjieba

from jishi.modules.search.rules import folded

WORD_MAX: Final = 40  # characters of one word
NEAR_LEAST: Final = 4  # letters a word must have before a slip in it is forgiven
NEAR_TWO: Final = 8  # … before two are
NEAR_MAX: Final = 14  # longer ones are left alone
HAN: Final = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")
PART: Final = re.compile(r"[^\W_]+")  # letters and digits of any script
LATIN: Final = re.compile(r"[a-z]+")
SYLLABLES: Final = re.compile(r"[a-z]{1,40}")


def cut(text: str) -> list[str]:
    """Every word a text is found by, long words and the short ones in them; in order, folded."""
    found: list[str] = []
    for piece in rjieba.cut_for_search(folded(text), True):
        parts = PART.findall(piece)
        found += parts if len(parts) < 2 else [*parts, "".join(parts)]  # noqa: PLR2004 - a-15 is a15
    return unique(word for word in found if len(word) <= WORD_MAX)


def cut_query(text: str) -> list[str]:
    """The words a person means: long words whole, each once."""
    pieces = rjieba.cut(folded(text), True)
    return unique(it for piece in pieces for it in PART.findall(piece) if len(it) <= WORD_MAX)


def is_han(word: str) -> bool:
    return HAN.search(word) is not None


def is_latin(word: str) -> bool:
    return LATIN.fullmatch(word) is not None


def has_digit(word: str) -> bool:
    """Codes, sizes and years: taken as they are typed, in no vocabulary."""
    return any(sign.isdigit() for sign in word)


def compact(code: str) -> str:
    """A code as people type it with or without its dashes: letters and digits alone."""
    return "".join(it for it in folded(code) if it.isalnum())[:WORD_MAX]


@lru_cache(maxsize=100_000)
def pinyin_of(word: str) -> tuple[str, str] | None:
    """Full pinyin and initials of a word with Chinese in it: 苹果 → pingguo, pg. None for others."""
    if not is_han(word):
        return None
    from pypinyin import lazy_pinyin  # its tables take a quarter of a second to load

    parts = [it for it in (_plain(part) for part in lazy_pinyin(word, errors="default")) if it]
    return ("".join(parts), "".join(part[0] for part in parts)) if parts else None


def _plain(syllable: str) -> str:
    return "".join(it for it in folded(syllable).replace("ü", "v") if it.isascii() and it.isalnum())


def near_keys(word: str) -> list[int]:
    """Hashes of what remains of a Latin word or a pinyin with up to two letters struck; often none.

    Two words at an edit distance of one (of two from eight letters on) share at least one of them.
    """
    if not NEAR_LEAST <= len(word) <= NEAR_MAX or not SYLLABLES.fullmatch(word):
        return []
    return sorted({_hash(it) for it in _struck(word)})


def _struck(word: str) -> Iterator[str]:
    yield word
    for count in range(1, slips(word) + 1):
        for places in combinations(range(len(word)), count):
            yield "".join(sign for at, sign in enumerate(word) if at not in places)


def slips(word: str) -> int:
    """How many letters may be wrong in a word of this length."""
    return 0 if len(word) < NEAR_LEAST else 1 if len(word) < NEAR_TWO else 2


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big") >> 1


def distance(one: str, other: str) -> int:
    """Letters to add, take, change, or swap with their neighbour to make one word the other."""
    before: list[int] = []
    last = list(range(len(other) + 1))
    for row, sign in enumerate(one, start=1):
        now = [row]
        for column, beside in enumerate(other, start=1):
            cost = min(last[column] + 1, now[column - 1] + 1, last[column - 1] + (sign != beside))
            swapped = (
                row > 1 and column > 1 and sign == other[column - 2] and one[row - 2] == beside
            )
            now.append(min(cost, before[column - 2] + 1) if swapped else cost)
        before, last = last, now
    return last[-1]


def unique(words: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(words))
