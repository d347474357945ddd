"""The written shops and goods in ``shelves/*.toml``, read into what the market is told. Pure reading.

A line of goods is seven parts between bars:
``picture | category | price in yuan | title | English title | kinds | choices``. Each of its three
kinds becomes a product: ``{}`` in the titles is the kind, ``徐香=Xuxiang`` its two names, ``@1f34e``
another picture. Choices are at most three attributes between slashes: ``规格: 12 枚 x.55, 24 枚``
names an attribute and its values, ``x.55`` a factor of the price.
"""

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.resources import files
from itertools import product as combine
from random import Random
from typing import Any, Final

# The order of the groups is the order of the shops; the first shop's people are printed at the start.
GROUPS: Final = (
    "pantry", "fruit", "tea", "snacks", "kitchen", "care", "clothes", "bags-shoes", "plants",
    "baby-toys", "home", "leisure",
)  # fmt: skip
TINTS: Final = "abcdef"
FACTORS: Final = (Decimal(1), Decimal("1.14"), Decimal("0.92"))  # of a line's three kinds
WHOLE_YUAN_FROM: Final = 100_00  # dearer things cost whole yuan
_KILO: Final = re.compile(r"([\d.]+) (kg|g)\b")
_GRAMS: Final = {"kg": 1000, "g": 1}
GRAMS_UNTOLD: Final = 400


@dataclass(frozen=True, slots=True)
class Choice:
    """One sale attribute: its values and what each makes of the price."""

    name: str
    values: tuple[tuple[str, Decimal], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A SKU: one value per choice."""

    options: tuple[str, ...]
    price_minor: int
    code: str
    weight_grams: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Good:
    """A product of the demo. ``line`` counts lines in its shop; the last is its newest."""

    shop: int
    line: int
    title: str
    title_en: str
    description: str
    category: str  # code of a leaf of the taxonomy
    pictures: tuple[dict[str, str], ...]
    choices: tuple[Choice, ...]
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoShop:
    name: str
    name_en: str
    about: str
    logo: dict[str, str]
    freight_minor: int
    free_freight_from_minor: int | None
    ship_within_hours: int
    goods: tuple[Good, ...]


@cache
def read_shops() -> tuple[DemoShop, ...]:
    """Every shop with its goods, in the order of the files."""
    found: list[DemoShop] = []
    for group in GROUPS:
        text = (files(__package__) / "shelves" / f"{group}.toml").read_text("utf-8")
        for row in tomllib.loads(text)["shop"]:
            found.append(_shop(len(found), row))
    return tuple(found)


def _shop(number: int, row: dict[str, Any]) -> DemoShop:
    freight, free_from = (int(yuan) * 100 for yuan in row["freight"])
    about = row["about"].strip()
    lines = row["goods"].strip().splitlines()
    goods = [
        good for at, line in enumerate(lines) for good in _goods(number, at, line, row["promise"])
    ]
    return DemoShop(
        name=row["name"],
        name_en=row["name_en"],
        about=about,
        logo=_picture(*row["logo"].split()),
        freight_minor=freight,
        free_freight_from_minor=free_from or None,
        ship_within_hours=row["hours"],
        goods=tuple(goods),
    )


def _goods(shop: int, at: int, line: str, promise: Sequence[str]) -> list[Good]:
    art, category, yuan, title, title_en, kinds, choices = (it.strip() for it in line.split("|"))
    random = Random(f"{shop}/{at}")
    tints = random.sample(TINTS, 3)
    chosen = _choices(choices)
    return [
        _good(
            kind,
            shop=shop,
            at=at,
            titles=(title, title_en),
            art=art,
            category=category,
            promise=promise,
            tint=tints[nth],
            choices=chosen,
            price=Decimal(yuan) * 100 * FACTORS[nth],
            mark=f"{shop + 1:02}{at + 1}{nth + 1}",
        )
        for nth, kind in enumerate(kinds.split(", "))
    ]


def _good(
    kind: str,
    *,
    shop: int,
    at: int,
    titles: tuple[str, str],
    art: str,
    category: str,
    promise: Sequence[str],
    tint: str,
    choices: tuple[Choice, ...],
    price: Decimal,
    mark: str,
) -> Good:
    names, _, own_art = kind.partition("@")
    zh, en = names.split("=")
    title = titles[0].replace("{}", zh)
    title_en = _sentence(titles[1].replace("{}", en))
    other = TINTS[(TINTS.index(tint) + 2) % len(TINTS)]
    return Good(
        shop=shop,
        line=at,
        title=title,
        title_en=title_en,
        description=f"{title}。\n{promise[0]}\n\n{title_en}.\n{promise[1]}",
        category=category,
        pictures=(_picture(own_art or art, tint), _picture(own_art or art, other)),
        choices=choices,
        pieces=tuple(_pieces(choices, price, mark)),
    )


def _pieces(choices: tuple[Choice, ...], price: Decimal, mark: str) -> list[Piece]:
    found = []
    for number, values in enumerate(combine(*(choice.values for choice in choices)), start=1):
        factor = Decimal(1)
        for _, times in values:
            factor *= times
        options = tuple(value for value, _ in values)
        found.append(
            Piece(
                options=options,
                price_minor=priced(int(price * factor)),
                code=f"{mark}-{number:02}",
                weight_grams=_grams(options),
            )
        )
    return found


def priced(minor: int) -> int:
    """A figure as shops write it: 39.9, 45.8, above 200 yuan whole and often ending in 9."""
    if minor >= WHOLE_YUAN_FROM:
        whole = minor // 100
        return (whole - whole % 10 + 9 if whole % 10 >= 4 else whole - whole % 10) * 100  # noqa: PLR2004
    tens = max(minor // 10, 1)
    return (tens - tens % 10 + (9 if tens % 10 >= 5 else 8 if tens % 10 >= 2 else 0)) * 10  # noqa: PLR2004


def reduced_from(minor: int) -> int:
    """What a reduced thing cost before: about a fifth more."""
    return priced(minor * 122 // 100)


def _choices(text: str) -> tuple[Choice, ...]:
    """``-``: none, the product is one SKU."""
    found = []
    for part in text.split(" / ") if text != "-" else ():
        name, _, values = part.partition(": ")
        found.append(Choice(name.strip(), tuple(_value(it) for it in values.split(", "))))
    return tuple(found)


def _value(text: str) -> tuple[str, Decimal]:
    name, _, factor = text.strip().rpartition(" x")
    if name and re.fullmatch(r"\d*\.?\d+", factor):
        return name, Decimal(factor)
    return text.strip(), Decimal(1)


def _grams(options: Sequence[str]) -> int:
    for option in options:
        told = _KILO.search(option)
        if told:
            return int(Decimal(told[1]) * _GRAMS[told[2]])
    return GRAMS_UNTOLD


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _picture(art: str, tint: str) -> dict[str, str]:
    return {"art": art, "tint": tint}
