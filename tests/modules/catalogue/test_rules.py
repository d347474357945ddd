"""Catalogue rules without a database."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jishi.kit.ids import ProductId, ShopId, SkuId
from jishi.kit.moves import reachable
from jishi.modules.catalogue import rules
from jishi.modules.catalogue.types import (
    MOVES,
    PRICE_MAX_MINOR,
    SKUS_MAX,
    Attribute,
    Category,
    NewProduct,
    NewSku,
    ProductState,
)
from jishi.modules.catalogue.words import search_text

LEAF = Category(id=7, names_en=["Food"], names_zh=["食品"], is_leaf=True, is_retired=False)
COLOUR = Attribute(name="颜色", values=("红", "蓝"))


def a_sku(at: int = 0, **fields: Any) -> NewSku:
    return NewSku(**{"id": SkuId(at + 1), "price_minor": 100, **fields})


def a_product(**fields: Any) -> NewProduct:
    plain = {
        "id": ProductId(1),
        "shop_id": ShopId(1),
        "category_id": 7,
        "title": "猕猴桃",
        "skus": (a_sku(),),
        "pictures": ({"art": "1f95d"},),
    }
    return NewProduct(**{**plain, **fields})


def codes(product: NewProduct, category: Category | None = LEAF) -> set[tuple[str, str | None]]:
    return {(it.code, it.field) for it in rules.problems_of(rules.cleaned(product), category)}


def test_a_plain_product_has_no_problem() -> None:
    assert codes(a_product()) == set()


@pytest.mark.parametrize(
    ("_case", "fields", "code", "field"),
    [
        ("no title", {"title": " \u200b "}, "title_missing", "title"),
        ("long title", {"title": "a" * 201}, "text_too_long", "title"),
        ("no category", {"category_id": 0}, "category_missing", "category_id"),
        ("no SKU", {"skus": ()}, "skus_missing", "skus"),
        ("price 0", {"skus": (a_sku(price_minor=0),)}, "price_invalid", "skus[0].price_minor"),
        ("price −1", {"skus": (a_sku(price_minor=-1),)}, "price_invalid", "skus[0].price_minor"),
        (
            "price above the limit",
            {"skus": (a_sku(price_minor=PRICE_MAX_MINOR + 1),)},
            "price_invalid",
            "skus[0].price_minor",
        ),
        (
            "earlier price not higher",
            {"skus": (a_sku(list_price_minor=100),)},
            "list_price_invalid",
            "skus[0].list_price_minor",
        ),
        ("weight", {"skus": (a_sku(weight_grams=-1),)}, "weight_invalid", "skus[0].weight_grams"),
        ("code", {"skus": (a_sku(code="x" * 65),)}, "code_invalid", "skus[0].code"),
        ("four attributes", {"attributes": (COLOUR,) * 4}, "too_many_attributes", "attributes"),
        (
            "value twice",
            {"attributes": (Attribute(name="a", values=("x", "x")),)},
            "value_twice",
            "attributes[0].values",
        ),
        (
            "nameless",
            {"attributes": (Attribute(name=" ", values=("x",)),)},
            "attribute_name_missing",
            "attributes[0].name",
        ),
        (
            "valueless",
            {"attributes": (Attribute(name="a", values=()),)},
            "values_missing",
            "attributes[0].values",
        ),
        ("options missing", {"attributes": (COLOUR,)}, "options_unfit", "skus"),
        ("pictures", {"pictures": ({"art": "x"},) * 13}, "too_many_pictures", "pictures"),
        ("unknown picture", {"pictures": ({"url": "http://x"},)}, "picture_invalid", "pictures"),
    ],
)
def test_each_wrong_field_is_refused_by_name(
    _case: str, fields: dict[str, Any], code: str, field: str
) -> None:
    assert (f"catalogue.{code}", field) in codes(a_product(**fields))


def test_an_unknown_or_retired_category_is_refused() -> None:
    assert ("catalogue.category_unknown", "category_id") in codes(a_product(), None)


def test_two_rows_may_not_be_the_same_combination_or_code() -> None:
    rows = (a_sku(0, options=("红",), code="A"), a_sku(1, options=("红",), code="A"))
    found = codes(a_product(attributes=(COLOUR,), skus=rows))
    assert ("catalogue.options_twice", "skus") in found
    assert ("catalogue.code_twice", "skus[1].code") in found


def test_five_hundred_combinations_are_the_limit() -> None:
    sizes = [Attribute(name=str(n), values=[f"{n}-{v}" for v in range(8)]) for n in range(3)]
    assert len(rules.combinations(sizes)) == 512 > SKUS_MAX
    assert [it.code for it in rules.attribute_problems(sizes)] == ["catalogue.too_many_skus"]


@given(
    st.lists(
        st.lists(st.text("abcdef", min_size=1), min_size=1, max_size=5, unique=True), max_size=3
    )
)
def test_combinations_are_each_once_and_as_many_as_the_product(values: list[list[str]]) -> None:
    attributes = [Attribute(name=str(at), values=them) for at, them in enumerate(values)]
    made = rules.combinations(attributes)
    count = 1
    for them in values:
        count *= len(them)
    assert len(set(made)) == len(made) == count


def test_figures_stay_with_their_combination_when_attributes_change() -> None:
    size = Attribute(name="尺码", values=("S", "M"))
    assert rules.carried([COLOUR], {("红",): 0, ("绿",): 1}) == [0, None]
    assert rules.carried([COLOUR, size], {("红",): 0, ("蓝",): 1}) == [0, 0, 1, 1]
    assert rules.carried([COLOUR], {(): 0}) == [0, 0]


def test_listing_asks_for_a_picture_something_to_sell_and_a_leaf() -> None:
    bare = a_product(pictures=(), skus=(a_sku(enabled=False),))
    branch = Category(id=7, names_en=[], names_zh=[], is_leaf=False, is_retired=False)
    asked = {it.code.split(".")[1] for it in rules.listing_problems(bare, branch)}
    assert asked == {"picture_missing", "nothing_to_sell", "category_not_leaf"}
    assert rules.listing_problems(a_product(), branch, any_level=True) == []


def test_the_price_span_is_that_of_what_is_switched_on() -> None:
    assert rules.price_span([(300, True), (100, False), (500, True)]) == (300, 500)
    assert rules.price_span([(300, False)]) == (300, 300)
    assert rules.price_span([]) == (0, 0)


def test_every_state_can_be_reached() -> None:
    assert reachable(ProductState.DRAFT, MOVES) == set(ProductState)


def test_words_are_cut_folded_and_each_once() -> None:
    words = search_text(["周至猕猴桃 T-Shirt", "Ｔ恤 猕猴桃！"]).split()
    assert {"猕猴桃", "猕猴", "t-shirt", "恤"} <= set(words) or {"t恤"} <= set(words)
    assert len(words) == len(set(words))
    assert search_text(["  ！？"]) == ""
