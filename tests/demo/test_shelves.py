"""The written goods: every line reads, fits the taxonomy and the artwork, and could be sold."""

from collections import Counter

import pytest

from jishi.data.files import read_categories
from jishi.demo.shelves import DemoShop, Good, priced, read_shops, reduced_from
from jishi.modules.catalogue import rules
from jishi.modules.catalogue.types import Attribute
from jishi.modules.shops import NewShop
from jishi.modules.shops.rules import starting_settings
from jishi.web.static_files import STATIC_DIR

SHOPS = read_shops()
GOODS = [good for shop in SHOPS for good in shop.goods]
LEAVES = {row.code for row in read_categories() if row.is_leaf}
ART = {
    line.partition(":")[0]
    for line in (STATIC_DIR / "art.txt").read_text("utf-8").splitlines()
    if line and not line.startswith("#")
}


def test_there_is_a_market_of_them() -> None:
    assert len(SHOPS) == 40
    assert len(GOODS) == 600
    assert len({good.title for good in GOODS}) == 600
    assert len({good.title_en for good in GOODS}) == 600
    assert len({shop.name for shop in SHOPS}) == 40
    assert len({good.category.split("-")[0] for good in GOODS}) >= 12


def test_sizes_are_those_of_a_believable_market() -> None:
    sizes = Counter(len(good.pieces) for good in GOODS)
    assert set(sizes) <= set(range(1, 25))
    assert sizes[1], "some goods have nothing to choose"
    assert max(sizes) == 24
    assert {len(good.choices) for good in GOODS} == {0, 1, 2, 3}


@pytest.mark.parametrize("good", GOODS, ids=lambda good: good.title_en)
def test_a_good_may_be_listed(good: Good) -> None:
    assert good.category in LEAVES
    assert all(picture["art"] in ART for picture in good.pictures)
    assert "{" not in good.title + good.title_en
    assert good.title_en.isascii() or "°" in good.title_en
    attributes = [
        Attribute(name=choice.name, values=[value for value, _ in choice.values])
        for choice in good.choices
    ]
    assert not rules.attribute_problems(attributes)
    assert len({piece.options for piece in good.pieces}) == len(good.pieces)
    for piece in good.pieces:
        assert not rules.price_problems(piece.price_minor, reduced_from(piece.price_minor))
        assert piece.weight_grams > 0


@pytest.mark.parametrize("shop", SHOPS, ids=lambda shop: shop.name_en)
def test_a_shop_may_open(shop: DemoShop) -> None:
    starting_settings(
        NewShop(
            name=shop.name,
            name_en=shop.name_en,
            about=shop.about,
            logo=shop.logo,
            freight_minor=shop.freight_minor,
            free_freight_from_minor=shop.free_freight_from_minor,
            ship_within_hours=shop.ship_within_hours,
        )
    )
    assert shop.logo["art"] in ART
    assert "\\" not in shop.about
    assert len(shop.goods) == 15


@pytest.mark.parametrize(
    ("_case", "minor", "shown"),
    [
        ("small ones end in 0, 8 or 9 tenths", 3944, 3980),
        ("a little over", 4520, 4580),
        ("whole from a hundred yuan", 12_345, 12_000),
        ("and often end in nine", 12_856, 12_900),
    ],
)
def test_prices_look_like_prices(_case: str, minor: int, shown: int) -> None:
    assert priced(minor) == shown
