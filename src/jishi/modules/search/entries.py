"""What a product is found by. Pure, but for the dictionaries of ``words``."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from jishi.modules.search import rules, words
from jishi.modules.search.types import Entry, Signals, Texts, WordRow

FIELD_WORDS_MAX: Final = 60  # of title, of brand and attributes, of category and shop
DESCRIPTION_WORDS_MAX: Final = 30
CODES_MAX: Final = 50
VALUES_MAX: Final = 40  # attribute values of one product that can be chosen


def entry_of(texts: Texts, signals: Signals) -> Entry:
    """The row a listed product is found by."""
    signs = rules.signs_of(signals)
    choices = _choices(texts)
    facets = [rules.facet_code(name, value) for name, value in choices]
    fixed = [f"~c{each}" for each in signals.path] + [
        f"~{rules.facet_lexeme(code)}" for code in facets
    ]
    return Entry(
        product_id=signals.product_id,
        shop_id=signals.shop_id,
        category_id=signals.category_id,
        score=rules.score_of(signals),
        price_minor=signals.price_minor,
        sold_count=signals.sold_count,
        signs=signs,
        facets=[*rules.numbers_of(signals), *facets],
        words=_vector(texts, [*fixed, *signs]),
        version=signals.version,
    )


def _vector(texts: Texts, plain: Sequence[str]) -> str:
    """The text of a tsvector: each word once with its best weight, then what has no weight."""
    codes = [code for code in map(words.compact, texts.codes[:CODES_MAX]) if code]
    values = [value for _, several in texts.attributes for value in several]
    fields = (
        ("A", [*words.cut(texts.title), *words.cut(texts.title_en)]),
        ("B", [*words.cut(" ".join((texts.brand, *values))), *codes, *_joined(texts.brand)]),
        ("C", cut_names(tuple(texts.categories)) + cut_names(tuple(texts.shops))),
    )
    best: dict[str, str] = {}
    for weight, found in fields:
        for word in found[:FIELD_WORDS_MAX]:
            best.setdefault(word, weight)
    said = words.unique(words.cut(texts.description[:600]))
    rest = [f"-{word}" for word in said if word not in best][:DESCRIPTION_WORDS_MAX]
    weighed = [f"{rules.quoted(word)}:1{weight}" for word, weight in best.items()]
    return " ".join([*weighed, *map(rules.quoted, (*rest, *plain))])


def _joined(brand: str) -> list[str]:
    """A brand of several words as one: "Hai Lan" is found by hailan."""
    return [joined] if " " in brand and (joined := words.compact(brand)) else []


@lru_cache(maxsize=20_000)
def cut_names(names: tuple[str, ...]) -> list[str]:
    """Words of names many products share; cut once."""
    return words.unique(word for name in names for word in words.cut(name))


def _choices(texts: Texts) -> list[tuple[str, str]]:
    """(attribute, value) of what can be chosen; a brand has no attribute's name."""
    brand = [("", texts.brand)] if texts.brand else []
    values = [(name, value) for name, several in texts.attributes for value in several]
    return list(dict.fromkeys([*brand, *values]))[:VALUES_MAX]


def choices_of(texts: Texts) -> list[tuple[int, str, str]]:
    """(code, attribute, value) of what a product can be chosen by."""
    return [(rules.facet_code(name, value), name, value) for name, value in _choices(texts)]


def word_row(word: str) -> WordRow:
    """A word with its pinyin, and what is left of either when letters are struck."""
    spoken = words.pinyin_of(word)
    if spoken:
        return WordRow(word, spoken[0], spoken[1], words.near_keys(spoken[0]))
    return WordRow(word, None, None, words.near_keys(word) if words.is_latin(word) else [])


def words_of(vector: str) -> list[str]:
    """The words in the text of a vector that belong into the vocabulary: no description, no sign, no code."""
    found = []
    for part in vector.split(" "):
        lexeme, _, weight = part.rpartition(":1")
        if weight and lexeme.isprintable() and not words.has_digit(lexeme):
            found.append(lexeme[1:-1])
    return found
