"""How a request for goods is understood."""

import pytest

from jishi.kit.ids import SkuId
from jishi.reads.storefront.rules import preselected, read_category, read_filters
from jishi.reads.storefront.types import Filters, Sku

SORTS = ("sold", "price")


@pytest.mark.parametrize(
    ("_case", "asked", "filters"),
    [
        ("nothing", {}, Filters(sort="sold")),
        ("a known order", {"sort": "price"}, Filters(sort="price")),
        ("an unknown one", {"sort": "; drop"}, Filters(sort="sold")),
        ("one not offered here", {"sort": "relevance"}, Filters(sort="sold")),
        ("prices", {"low": "1", "high": "2.5"}, Filters(sort="sold", price_from_minor=100, price_to_minor=250)),
        ("turned about", {"low": "9", "high": "2"}, Filters(sort="sold", price_from_minor=200, price_to_minor=900)),
        ("words for prices", {"low": "cheap", "high": "-1"}, Filters(sort="sold")),
        ("in stock", {"stock": "1", "c": "12"}, Filters(sort="sold", in_stock=True, category_id=12)),
        ("no category", {"c": "99999999999"}, Filters(sort="sold")),
    ],
)  # fmt: skip
def test_filters_are_read_from_an_address(
    _case: str, asked: dict[str, str], filters: Filters
) -> None:
    given = {key: [value] for key, value in asked.items()}
    assert read_filters(given, currency="CNY", sort="sold", sorts=SORTS) == filters


def test_a_category_is_a_number_that_can_be_one() -> None:
    assert [read_category(it) for it in ("7", "0", "-1", "x", "2147483648", "２")] == [7] + [
        None
    ] * 5


def a_sku(sku_id: int, left: int) -> Sku:
    return Sku(
        id=SkuId(sku_id),
        options=[],
        price_minor=1,
        list_price_minor=None,
        on_sale=True,
        left_over=left,
    )


def test_a_product_opens_with_what_can_be_had() -> None:
    skus = [a_sku(1, 0), a_sku(2, 3), a_sku(3, 9)]
    found = [preselected(skus, asked) for asked in (None, 3, 1, 99)]
    assert [sku.id for sku in found if sku] == [2, 3, 1, 2]
    assert preselected([], None) is None
