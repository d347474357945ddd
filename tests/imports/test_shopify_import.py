"""Shopify's products in a shop's catalogue: whole or refused, once however often it runs."""

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from jishi import db
from jishi.db import Pool
from jishi.flows.open_shop import open_shop
from jishi.imports import shopify
from jishi.imports.category_match import build_index
from jishi.imports.csv_files import read_table
from jishi.imports.shopify_write import Writer
from jishi.imports.types import Reports
from jishi.kit.ids import AccountId, IdMaker, ShopId
from jishi.modules.shops import NewShop
from tests.imports.support import a_shirt, a_variant, developers_data, shopify_table

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
CATEGORIES = build_index()


@pytest.fixture
async def shop_id(pool: Pool, ids: IdMaker) -> ShopId:
    async with db.transaction(pool) as tx:
        made, _ = await open_shop(
            tx, NewShop(name="Shop"), owner_id=AccountId(ids.make(1)), ids=ids, now=NOON
        )
    return made


async def write(
    pool: Pool, ids: IdMaker, shop_id: ShopId, products: Sequence[shopify.Product], **changes: bool
) -> Writer:
    writer = Writer(pool, ids, shop_id, ids.make(0), NOON, Reports(), **changes)
    await writer.write("products.csv", products, lambda _count: None)
    return writer


def products_of(*rows: dict[str, object]) -> list[shopify.Product]:
    reports = Reports()
    return shopify.parse(shopify_table(rows, reports), CATEGORIES, reports, currency="CNY")


async def test_a_product_comes_with_its_variants_and_their_stock(
    pool: Pool, ids: IdMaker, shop_id: ShopId
) -> None:
    products = products_of(a_shirt(), a_variant(**{"Variant Price": "0.00"}))
    writer = await write(pool, ids, shop_id, products)
    assert (writer.counters["products"], writer.counters["pieces"]) == (1, 3)
    async with db.reading(pool) as tx:
        rows = await tx.fetch(
            "SELECT k.options[1], k.price_minor, k.on_sale, coalesce(s.on_hand, 0) FROM sku k"
            " LEFT JOIN stock s ON s.cell = k.cell AND s.sku_id = k.id"
            " WHERE k.shop_id = $1 ORDER BY k.position",
            shop_id,
        )
    assert [tuple(row) for row in rows] == [("S", 1250, True, 3), ("M", 1, False, 0)]


async def test_a_second_run_adds_nothing(pool: Pool, ids: IdMaker, shop_id: ShopId) -> None:
    products = products_of(a_shirt(), a_variant())
    await write(pool, ids, shop_id, products)
    writer = await write(pool, ids, shop_id, products)
    assert (writer.counters["products"], writer.counters["known_before"]) == (0, 1)


async def test_a_dry_run_leaves_nothing(pool: Pool, ids: IdMaker, shop_id: ShopId) -> None:
    products = products_of(a_shirt(), a_variant())
    assert (await write(pool, ids, shop_id, products, is_dry=True)).counters["products"] == 1
    async with db.reading(pool) as tx:
        count = "SELECT count(*) FROM product WHERE shop_id = $1"
        assert await tx.fetchval(count, shop_id) == 0
    assert (await write(pool, ids, shop_id, products)).counters["products"] == 1


async def test_what_the_catalogue_refuses_is_reported_with_its_row(
    pool: Pool, ids: IdMaker, shop_id: ShopId
) -> None:
    many = [a_shirt(**{"Option2 Name": "Colour", "Option2 Value": "c0"})]
    many += [
        a_variant(**{"Option1 Value": f"v{n}", "Option2 Value": f"c{n}", "Variant SKU": ""})
        for n in range(1, 40)
    ]
    writer = await write(pool, ids, shop_id, products_of(*many, a_shirt(Handle="plain")))
    assert (writer.counters["products"], writer.counters["refused"]) == (1, 1)
    (report,) = writer.reports.items
    assert (report.row, report.code) == (2, "catalogue.too_many_skus")
    assert "1600" in report.message.replace(",", "")


async def test_real_exports_become_a_catalogue(pool: Pool, ids: IdMaker, shop_id: ShopId) -> None:
    folder = developers_data("shopify-products")
    reports = Reports()
    products: list[shopify.Product] = []
    for path in sorted(folder.glob("*.csv.gz")):
        table = read_table(path, reports, needed=shopify.NEEDED)
        products += shopify.parse(table, CATEGORIES, reports, currency="CNY")
    writer = await write(pool, ids, shop_id, products)
    counters = writer.counters
    assert (counters["products"], counters["variants"]) == (328, 1241)
    async with db.reading(pool) as tx:
        stocked = "SELECT sum(on_hand) FROM stock WHERE shop_id = $1"
        assert await tx.fetchval(stocked, shop_id) == counters["pieces"]
        listed = "SELECT count(*) FROM product WHERE shop_id = $1 AND state = 'listed'"
        assert await tx.fetchval(listed, shop_id) == counters["listed"] == 269
