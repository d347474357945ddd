"""Shopify's product CSV, shape by shape."""

from collections.abc import Iterable, Mapping

import pytest

from jishi.imports import shopify
from jishi.imports.category_match import CategoryIndex, build_index
from jishi.imports.csv_files import parse_table, read_table
from jishi.imports.shopify import Product
from jishi.imports.types import Reports
from tests.imports.support import (
    SHOPIFY_COLUMNS,
    a_shirt,
    a_variant,
    csv_text,
    developers_data,
    shopify_table,
)

CATEGORIES = build_index()


def parsed(
    rows: Iterable[Mapping[str, object]], *, more_columns: Iterable[str] = ()
) -> tuple[list[Product], Reports]:
    reports = Reports()
    table = shopify_table(rows, reports, more_columns=more_columns)
    return shopify.parse(table, CATEGORIES, reports, currency="CNY"), reports


def test_rows_of_one_handle_are_one_product() -> None:
    (product,), reports = parsed([a_shirt(), a_variant()])
    assert (product.title, product.option_names, product.is_listed) == ("Shirt", ("Size",), True)
    assert [it.options for it in product.variants] == [("S",), ("M",)]
    assert [it.price_minor for it in product.variants] == [1250, 1300]
    assert reports.items == []


def test_default_title_is_a_product_without_options() -> None:
    rows = [a_shirt(**{"Option1 Name": "Title", "Option1 Value": "Default Title"})]
    (product,), _ = parsed(rows)
    assert product.option_names == ()
    assert [it.options for it in product.variants] == [()]


def test_three_options_make_three_attributes() -> None:
    more = {"Option2 Name": "Colour", "Option2 Value": "Red"}
    more |= {"Option3 Name": "Cut", "Option3 Value": "Slim"}
    (product,), _ = parsed([a_shirt(**more)])
    assert product.option_names == ("Size", "Colour", "Cut")
    assert product.variants[0].options == ("S", "Red", "Slim")


def test_rows_without_a_price_add_pictures_in_their_order() -> None:
    rows = [
        a_shirt(**{"Image Src": "https://pictures.example/2.jpg", "Image Position": "2"}),
        {"Handle": "shirt", "Image Src": "https://pictures.example/1.jpg", "Image Position": "1"},
        {"Handle": "shirt", "Image Src": "javascript:alert(1)"},
    ]
    (product,), reports = parsed(rows, more_columns=["Image Position"])
    assert [it.src[-5:] for it in product.pictures] == ["1.jpg", "2.jpg"]
    assert len(product.variants) == 1
    assert reports.by_code() == {"image.invalid": 1}


def test_what_cannot_be_kept_as_it_is_is_changed_with_a_note() -> None:
    changes = {
        "Variant Inventory Qty": "-118",
        "Variant Compare At Price": "12.50",
        "Title": "x" * 250,
    }
    (product,), reports = parsed([a_shirt(**changes), a_variant(**{"Variant Price": "0.00"})])
    assert [it.quantity for it in product.variants] == [0, 0]
    assert product.variants[0].list_price_minor is None
    assert product.variants[1].price_minor == 0
    assert len(product.title) == 200
    assert reports.by_code() == {
        "compare_at.not_above": 1,
        "inventory.negative": 1,
        "price.zero": 1,
        "title.cut": 1,
    }
    assert reports.refused_rows == 0


@pytest.mark.parametrize(
    ("_case", "changes", "field", "code"),
    [
        ("text for a price", {"Variant Price": "cheap"}, "Variant Price", "price.invalid"),
        ("negative price", {"Variant Price": "-1"}, "Variant Price", "price.invalid"),
        ("price with a comma", {"Variant Price": "1,50"}, "Variant Price", "price.invalid"),
        ("three decimals", {"Variant Price": "1.505"}, "Variant Price", "price.invalid"),
        ("vast price", {"Variant Price": "999999999999"}, "Variant Price", "price.invalid"),
        (
            "text for stock",
            {"Variant Inventory Qty": "many"},
            "Variant Inventory Qty",
            "inventory.invalid",
        ),
        (
            "vast stock",
            {"Variant Inventory Qty": "99999999999"},
            "Variant Inventory Qty",
            "inventory.invalid",
        ),
        ("heavy", {"Variant Grams": "-3"}, "Variant Grams", "weight.invalid"),
        ("no option", {"Option1 Value": ""}, "Option1 Value", "option.invalid"),
        ("no title", {"Title": " "}, "Title", "title.missing"),
        ("odd status", {"Published": "perhaps"}, "Published", "published.invalid"),
    ],
)
def test_a_bad_cell_is_refused_by_row_and_field_and_with_it_the_product(
    _case: str, changes: dict[str, object], field: str, code: str
) -> None:
    products, reports = parsed([a_shirt(**changes), a_variant()])
    assert products == []
    first, second = reports.items
    assert (first.row, first.field, first.code) == (2, field, code)
    assert (second.row, second.code) == (3, "product.refused")


def test_two_variants_with_the_same_options_are_refused() -> None:
    _, reports = parsed([a_shirt(), a_variant(**{"Option1 Value": "S"})])
    assert {it.code for it in reports.items} == {"variant.repeated", "product.refused"}


def test_a_row_without_a_handle_is_refused_alone() -> None:
    products, reports = parsed([a_shirt(), {"Title": "nobody's"}])
    assert len(products) == 1
    assert [(it.row, it.code) for it in reports.items] == [(3, "handle.missing")]


@pytest.mark.parametrize(
    ("published", "status", "listed"),
    [
        ("true", "active", True),
        ("true", "draft", False),
        ("true", "archived", False),
        ("false", "active", False),
        ("true", "", True),
    ],
)
def test_newer_exports_have_a_status(published: str, status: str, listed: bool) -> None:  # noqa: FBT001
    row = a_shirt(Published=published, Status=status)
    (product,), _ = parsed([row], more_columns=["Status"])
    assert product.is_listed is listed


@pytest.mark.parametrize(
    ("path", "kind", "name"),
    [
        ("Apparel & Accessories > Clothing > Unheard of", "", "Clothing"),
        ("", "Earrings", "Earrings"),
        ("", "Fixed Gear Bicycle", "Bicycles"),
        ("", "服饰与配饰", "Apparel & Accessories"),
    ],
)
def test_the_category_is_found_by_path_then_by_type(path: str, kind: str, name: str) -> None:
    row = a_shirt(**{"Product Category": path, "Type": kind})
    (product,), _ = parsed([row], more_columns=["Product Category"])
    assert product.category_id == _named(name, CATEGORIES)


def test_an_unknown_type_is_uncategorised_with_a_note() -> None:
    (product,), reports = parsed([a_shirt(Type="Gizmotron")])
    assert product.category_id == CATEGORIES.by_code["na"]
    assert reports.by_code() == {"category.unknown": 1}


def test_a_gbk_file_with_three_rows_in_ten_broken_keeps_the_others_whole() -> None:
    rows = [
        a_shirt(Handle=f"h{n}", Title=f"衬衫 {n}", **{"Option1 Value": "均码"}) for n in range(100)
    ]
    lines = csv_text(SHOPIFY_COLUMNS, rows).splitlines()
    for at in range(1, 101):
        if at % 10 == 1:
            lines[at] = lines[at].replace(",12.50,", ",免费,")
        elif at % 10 == 4:
            lines[at] = lines[at][:20]
        elif at % 10 == 7:
            lines[at] = lines[at].replace("衬衫", '"衬衫')
    reports = Reports()
    table = parse_table("gbk.csv", "\r\n".join(lines).encode("gbk"), reports)
    products = shopify.parse(table, CATEGORIES, reports, currency="CNY")
    assert table.encoding == "gb18030"
    assert len(products) == 70
    assert products[0].title == "衬衫 1"
    assert reports.refused_rows == 30
    assert reports.by_code() == {"price.invalid": 10, "row.cells": 10, "row.open_quote": 10}


def test_real_exports_are_read_whole() -> None:
    folder = developers_data("shopify-products")
    reports = Reports()
    products = [
        product
        for path in sorted(folder.glob("*.csv.gz"))
        for product in shopify.parse(
            read_table(path, reports, needed=shopify.NEEDED), CATEGORIES, reports, currency="USD"
        )
    ]
    variants = [variant for product in products for variant in product.variants]
    assert (len(products), len(variants)) == (328, 1241)
    assert sum(it.price_minor for it in variants) == 1038800 + 1222600 + 13529129
    assert sum(it.quantity for it in variants) - _oversold(reports) == 458 + 19 + 48060
    kept = sum(it.list_price_minor is not None for it in variants)
    assert kept + reports.by_code()["compare_at.not_above"] == 9 + 4 + 165
    assert reports.refused_rows == 0


def _oversold(reports: Reports) -> int:
    return sum(-int(it.value) for it in reports.items if it.code == "inventory.negative")


def _named(name: str, index: CategoryIndex) -> int:
    return index.by_name[name.casefold()]
