"""Goods of the catalogue benchmark: composed, and written by COPY as the market itself would hold them."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from jishi.bench.catalogue_words import (
    COLOURS,
    ENDINGS,
    MATERIALS,
    QUALITIES,
    SIZES,
    Name,
    Zipf,
    made_up,
)
from jishi.data.files import CategoryRow, read_categories
from jishi.kit.ids import CELLS, ProductId, ShopId
from jishi.modules.search.types import Signals, Texts

SHOPS: Final = 2_000
BRANDS: Final = 6_000
SERIES: Final = 40_000
CHUNK: Final = 5_000
UNSOLD, SOLD_OUT_FROM, ON_OFFER_FROM = 0.4, 0.93, 0.8  # shares of the goods
FREE_FREIGHT_FROM_MINOR: Final = 9_900
DAYS: Final = 700  # over which goods were listed
CITIES: Final = (
    1101,
    3101,
    4401,
    4403,
    3301,
    3302,
    3201,
    3205,
    5101,
    5001,
    4201,
    6101,
    3501,
    3702,
    4301,
)
_EPOCH: Final = datetime(2024, 1, 1, tzinfo=UTC)
_NODE: Final = 255


@dataclass(frozen=True, slots=True)
class Plan:
    """What is known before the first product is written: same seed, same market."""

    brands: list[Name]
    series: list[Name]
    leaves: list[CategoryRow]
    categories: dict[int, CategoryRow]
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Good:
    texts: Texts
    signals: Signals
    sku_id: int
    warehouse_id: int


def plan_of(seed: int, now: datetime) -> Plan:
    chance = random.Random(seed)
    rows = read_categories()
    leaves = [row for row in rows if row.is_leaf and row.level > 1]
    chance.shuffle(leaves)
    return Plan(
        brands=made_up(BRANDS, chance, syllables=3),
        series=made_up(SERIES, chance, syllables=4),
        leaves=leaves,
        categories={row.id: row for row in rows},
        made_at=now,
    )


def shops() -> list[tuple[ShopId, int, int]]:
    """(shop, warehouse, city) spread over all cells."""
    return [
        (
            ShopId(_id(at, at % CELLS, 0)),
            _id(at, at % CELLS, 1),
            CITIES[at * 7 % len(CITIES)],
        )
        for at in range(SHOPS)
    ]


def _id(ms: int, cell: int, sequence: int) -> int:
    return ms << 22 | cell << 14 | _NODE << 6 | sequence


def goods(plan: Plan, count: int, seed: int) -> Iterator[list[Good]]:
    """``count`` goods in chunks, in the order they were listed."""
    chance = random.Random(seed + 1)
    sellers = shops()
    draws = _Draws(plan, chance)
    start = int((plan.made_at - _EPOCH - timedelta(days=DAYS)) / timedelta(milliseconds=1))
    step = DAYS * 86_400_000 // (count + 1)
    for first in range(0, count, CHUNK):
        size = min(CHUNK, count - first)
        drawn = draws.chunk(size)
        yield [_good(plan, sellers, drawn, at, start + (first + at) * step) for at in range(size)]


class _Draws:
    """Everything that is drawn, a chunk at a time: one call per kind instead of one per product."""

    def __init__(self, plan: Plan, chance: random.Random) -> None:
        self.chance = chance
        self.leaves = Zipf(plan.leaves, 0.9, chance)
        self.brands = Zipf(plan.brands, 0.9, chance)
        self.series = Zipf(plan.series, 0.7, chance)
        self.qualities = Zipf(QUALITIES, 0.9, chance)
        self.colours = Zipf(COLOURS, 0.7, chance)
        self.endings = Zipf(ENDINGS, 1.0, chance)

    def chunk(self, size: int) -> dict[str, Any]:
        chance = self.chance
        return {
            "leaf": self.leaves.draw(size),
            "brand": self.brands.draw(size),
            "series": self.series.draw(size),
            "quality": self.qualities.draw(size * 4),
            "colour": self.colours.draw(size),
            "size": chance.choices(SIZES, k=size),
            "material": chance.choices(MATERIALS, k=size),
            "ending": self.endings.draw(size),
            "price": [
                int(300 * 1.0004 ** chance.randrange(18_000)) // 10 * 10 for _ in range(size)
            ],
            "sold": [int(chance.paretovariate(0.8)) - 1 for _ in range(size)],
            "chance": [chance.random() for _ in range(size)],
            "shop": chance.choices(range(SHOPS), k=size),
        }


def _good(
    plan: Plan, sellers: Sequence[tuple[ShopId, int, int]], drawn: dict[str, Any], at: int, ms: int
) -> Good:
    leaf, brand, series = drawn["leaf"][at], drawn["brand"][at], drawn["series"][at]
    several = list(dict.fromkeys(drawn["quality"][at * 4 : at * 4 + 4]))
    chance, number = drawn["chance"][at], drawn["shop"][at]
    shop_id, warehouse_id, city = sellers[number]
    cell = number % CELLS
    qualities = "".join(zh for zh, _ in several)
    title = f"{brand.zh} {series.zh}系列{qualities}{leaf.name_zh} {drawn['ending'][at]}"
    code = f"{series.latin[:3].upper()}-{ms % 100_000:05d}"
    texts = Texts(
        title=title[:200],
        title_en=f"{brand.latin.title()} {' '.join(en for _, en in several)} {leaf.name_en}"[:200],
        brand=brand.zh,
        description=f"{brand.zh}{leaf.name_zh}，{drawn['material'][at]}，{qualities}。{series.latin}",
        attributes=[
            ("颜色", [drawn["colour"][at]]),
            ("规格", [drawn["size"][at]]),
            ("材质", [drawn["material"][at]]),
        ],
        codes=[code],
        categories=_names(plan, leaf),
        shops=[shop_name(plan, number)],
    )
    price, sold = drawn["price"][at], min(drawn["sold"][at], 900_000)
    signals = Signals(
        product_id=ProductId(_id(ms, cell, 0)),
        shop_id=shop_id,
        category_id=leaf.id,
        path=leaf.path,
        version=1,
        price_minor=max(100, price),
        sold_count=sold if chance > UNSOLD else 0,
        listed_at=_EPOCH + timedelta(milliseconds=ms),
        in_stock=chance < SOLD_OUT_FROM,
        free_freight=number % 3 == 0 or price >= FREE_FREIGHT_FROM_MINOR,
        on_offer=chance > ON_OFFER_FROM,
        rating_tenths=0,
        province=city // 100,
        city=city,
    )
    return Good(texts, signals, _id(ms, cell, 1), warehouse_id)


_kept_names: dict[int, list[str]] = {}


def _names(plan: Plan, leaf: CategoryRow) -> list[str]:
    found = _kept_names.get(leaf.id)
    if found is None:
        way = [plan.categories[each] for each in leaf.path]
        found = [*(it.name_zh for it in way), *(it.name_en for it in way)]
        _kept_names[leaf.id] = found
    return found


def shop_name(plan: Plan, number: int) -> str:
    return f"{plan.series[number].zh}商行"
