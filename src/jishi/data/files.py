"""The shipped files, read into rows. Pure but for reading the package's own files."""

import csv
import gzip
import hashlib
import io
from dataclasses import dataclass
from importlib.resources import files

CATEGORIES_VERSION = "shopify-2024-07"  # release of Shopify's product taxonomy
REGIONS_VERSION = "nbs-57a0aa9c"  # commit of modood/Administrative-divisions-of-China

# Cities that exist only in the code book: districts stand directly below the province.
UNWRITTEN_CITIES = frozenset(("市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划"))


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryRow:
    id: int
    parent_id: int | None
    level: int
    code: str
    name_en: str
    name_zh: str
    path: list[int]
    is_leaf: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionRow:
    code: int
    parent_code: int | None
    level: int  # 1 province, 2 city, 3 district, 4 street
    name: str
    is_hidden: bool
    is_leaf: bool


def read_categories() -> list[CategoryRow]:
    """Every category; a parent is the code without its last part, so it has a smaller level."""
    rows = [(int(number), code, en, zh) for number, code, en, zh in _rows("categories")]
    ids = {code: number for number, code, _, _ in rows}
    parents = {code.rpartition("-")[0] for code in ids}
    found = []
    for number, code, en, zh in rows:
        parts = code.split("-")
        path = [ids["-".join(parts[:depth])] for depth in range(1, len(parts) + 1)]
        row = CategoryRow(
            id=number,
            parent_id=path[-2] if len(path) > 1 else None,
            level=len(path),
            code=code,
            name_en=en,
            name_zh=zh,
            path=path,
            is_leaf=code not in parents,
        )
        found.append(row)
    return found


def read_regions() -> list[RegionRow]:
    """Every region; the parent's code is the prefix of 2, 4 or 6 digits.

    Hidden are the code book's empty cities and a single district that repeats its city's name
    (Dongguan, Zhongshan, Danzhou, Jiayuguan).
    """
    names = dict(_rows("regions"))
    parents = {_above(code) for code in names}
    return [
        RegionRow(
            code=int(code),
            parent_code=int(_above(code)) if _above(code) else None,
            level=_LEVEL[len(code)],
            name=name,
            is_hidden=(len(code) == 4 and name in UNWRITTEN_CITIES)  # noqa: PLR2004
            or (len(code) == 6 and name == names.get(_above(code))),  # noqa: PLR2004
            is_leaf=code not in parents,
        )
        for code, name in names.items()
    ]


def digest_of(name: str) -> str:
    """Sha256 of the shipped file, in hex."""
    return hashlib.sha256(_bytes(name)).hexdigest()


_LEVEL = {2: 1, 4: 2, 6: 3, 9: 4}  # digits of a code → level


def _above(code: str) -> str:
    return code[: {2: 0, 4: 2, 6: 4, 9: 6}[len(code)]]


def _rows(name: str) -> list[list[str]]:
    text = gzip.decompress(_bytes(name)).decode()
    return list(csv.reader(io.StringIO(text)))[1:]


def _bytes(name: str) -> bytes:
    return (files(__package__) / f"{name}.csv.gz").read_bytes()
