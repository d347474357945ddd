"""What a query stands for, from what the vocabulary knows. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from jishi.modules.search import words
from jishi.modules.search.types import Asked, SynonymSet

KNOWN_LATIN: Final = 3  # so many goods make a Latin word one that is not also read as pinyin
WAYS_MAX: Final = 14  # alternatives of one word


Way = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Lead:
    """A word that a word of the query leads to."""

    how: str  # word, stem, pinyin, initials, begin, sound, near, two
    word: str
    seen: int
    spelt: str = ""
    rest: str | None = None


def ways_of(leads: Sequence[Lead]) -> list[Way]:
    """What a known word may stand as; empty when nobody knows it."""
    exact = [it for it in leads if it.how == "word"]
    stems = [it for it in leads if it.how == "stem"]
    spoken = [it for it in leads if it.how == "pinyin"] or [
        it for it in leads if it.how == "initials"
    ]
    begins = [it for it in leads if it.how == "begin"]
    is_firm = sum(it.seen for it in exact + stems) >= KNOWN_LATIN
    chosen = exact + stems + ([] if is_firm else spoken) + begins
    return _single(chosen)[:WAYS_MAX]


def _single(leads: Sequence[Lead]) -> list[Way]:
    return [(it.word,) for it in leads]


def rescued(spoken: str, leads: Sequence[Lead]) -> list[Way]:
    """What an unknown word was probably meant as, the likeliest only; empty when nothing is near.

    A Chinese word that sounds the same; the beginning of a longer word; two words typed as one in
    pinyin; a slip of the pen. Nearer comes first, then what more goods have.
    """
    sounds = [it for it in leads if it.how == "sound"]
    if sounds:
        return _single(sounds)
    begins = [it for it in leads if it.how == "begin"]
    if begins and not _near(spoken, leads, most=1):
        return _single(begins)
    near = _near(spoken, leads, most=1)
    two = next((it for it in leads if it.how == "two" and it.rest), None)
    if two is not None and not near:
        return [(two.word, two.rest or "")]
    return near or _single(begins) or _near(spoken, leads, most=2)


def _near(spoken: str, leads: Sequence[Lead], *, most: int) -> list[Way]:
    allowed = min(most, words.slips(spoken))
    ranked = sorted(
        (words.distance(spoken, it.spelt), -it.seen, it.word) for it in leads if it.how == "near"
    )
    if not ranked or ranked[0][0] > allowed:
        return []
    nearest = ranked[0][0]
    ways: list[Way] = [(word,) for gone, _, word in ranked if gone == nearest]
    return ways[:3]


def understood(
    text: str,
    typed: Sequence[str],
    ways: Mapping[str, Sequence[Way]],
    lost: Sequence[str],
    synonyms: Mapping[Way, Sequence[Way]],
) -> Asked:
    """The query as groups of alternatives. ``lost`` are words that had to be rescued."""
    groups: list[Sequence[Way]] = []
    at = 0
    while at < len(typed):
        length, others = _synonyms_at(typed, at, synonyms)
        if length > 1:
            groups.append([tuple(typed[at : at + length]), *others][:WAYS_MAX])
            at += length
            continue
        word = typed[at]
        own = ways.get(word) or [(word,)]
        further = [it for way in own[:3] for it in synonyms.get(way, [])]
        groups.append(list(dict.fromkeys([*own, *others, *further]))[:WAYS_MAX])
        at += 1
    meant = [" ".join(ways[word][0]) if word in lost and ways.get(word) else word for word in typed]
    is_corrected = any(word in lost and ways.get(word) for word in typed)
    gap = "" if meant and all(words.is_han(word) for word in meant) else " "
    return Asked(
        text=text,
        typed=[] if is_corrected else list(typed),
        groups=groups,
        corrected=gap.join(meant) if is_corrected else None,
        unknown=[word for word in lost if not ways.get(word)],
    )


def _synonyms_at(
    typed: Sequence[str], at: int, synonyms: Mapping[Way, Sequence[Way]]
) -> tuple[int, Sequence[Way]]:
    """The longest run from ``at`` on that has synonyms, and those."""
    for length in range(min(4, len(typed) - at), 0, -1):
        found = synonyms.get(tuple(typed[at : at + length]))
        if found:
            return length, found
    return 0, []


def synonym_ways(sets: Sequence[SynonymSet]) -> dict[Way, list[Way]]:
    """Each term, cut as a query is, with the others it also finds."""
    found: dict[Way, list[Way]] = {}
    for each in sets:
        terms = [way for term in each.terms if (way := tuple(words.cut_query(term)))]
        for at, term in enumerate(terms):
            if not each.is_one_way or at == 0:
                others = [it for it in terms if it != term]
                found.setdefault(term, []).extend(it for it in others if it not in found[term])
    return found
