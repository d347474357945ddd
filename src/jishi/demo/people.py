"""Names, phones and addresses of people who do not exist. Pure: the same seed, the same people."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from random import Random
from typing import Any, Final

from jishi.data.files import RegionRow

CITY, DISTRICT = 2, 3  # levels of the region list; municipalities stand above
MOBILE_PREFIXES: Final = ("1300000", "1370000", "1500000", "1580000", "1860000", "1880000")
FICTION: Final = "+120655501"  # source: NANP keeps 555-01xx for fiction
HOMES: Final = ((1, 2, 3), (70, 24, 6))  # how many a person has, and how often in a hundred


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """An address as its owner would type it. In China a region's code; abroad a city."""

    receiver: str
    phone: str
    detail: str
    region_code: int | None = None
    country: str = "CN"
    city: str = ""
    state: str = ""
    postcode: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    name: str
    locale: str
    homes: tuple[Home, ...]


def make_names(random: Random, count: int) -> list[str]:
    """Chinese names, no two the same; frequent family names come first in the list."""
    family, given = _words()["family"], _words()["given"].split()
    found: dict[str, None] = {}
    while len(found) < count:
        at = min(int(random.expovariate(0.06)), len(family) - 1)
        found[family[at] + random.choice(given)] = None
    return list(found)


def make_buyers(random: Random, regions: Sequence[RegionRow], count: int) -> list[Person]:
    """People with one to three homes; the last few live abroad and read English."""
    abroad = _words()["abroad"]
    districts = _districts(regions)
    people = [
        Person(name=name, locale="zh-CN", homes=_homes(random, name, districts))
        for name in make_names(random, count - len(abroad))
    ]
    return people + [_foreigner(row, number) for number, row in enumerate(abroad)]


def make_phone(random: Random) -> str:
    """A mobile number as people write it, made up: the middle is zeros."""
    return f"{random.choice(MOBILE_PREFIXES)}{random.randrange(10_000):04}"


def street_of(random: Random) -> str:
    """A road and a number on it."""
    return f"{random.choice(_words()['roads'].split())} {random.randrange(1, 300)} 号"


def _homes(random: Random, name: str, districts: Sequence[Sequence[int]]) -> tuple[Home, ...]:
    count = random.choices(*HOMES)[0]
    return tuple(_home(random, name, districts) for _ in range(count))


def _home(random: Random, name: str, districts: Sequence[Sequence[int]]) -> Home:
    words = _words()
    titled = name[0] + random.choice(("女士", "先生"))
    street = street_of(random)
    floor, door = random.randrange(1, 28), random.randrange(1, 5)
    block = f"{random.randrange(1, 22)} 栋 {floor}{door:02} 室"
    return Home(
        receiver=titled if random.randrange(10) == 0 else name,
        phone=make_phone(random),
        region_code=random.choice(random.choice(districts)),
        detail=f"{street} {random.choice(words['estates'].split())} {block}",
    )


def _districts(regions: Sequence[RegionRow]) -> list[list[int]]:
    """The districts of each city of the list, by code."""
    cities = _words()["cities"].split()
    heads = {row.name: str(row.code) for row in regions if row.level <= CITY}
    below: dict[str, list[int]] = {name: [] for name in cities}
    for row in regions:
        if row.level == DISTRICT and not row.is_hidden and row.name.endswith("区"):
            for name, found in below.items():
                if str(row.code).startswith(heads[name]):
                    found.append(row.code)
    return [below[name] for name in cities]


def _foreigner(row: Sequence[str], number: int) -> Person:
    name, country, city, state, postcode, detail = row
    home = Home(
        receiver=name,
        phone=f"{FICTION}{number:02}",
        detail=detail,
        country=country,
        city=city,
        state=state,
        postcode=postcode,
    )
    return Person(name=name, locale="en", homes=(home,))


@cache
def _words() -> dict[str, Any]:
    return tomllib.loads((files(__package__) / "people.toml").read_text("utf-8"))
