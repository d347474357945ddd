"""Products and SKUs are found by their ids: a shop's goods are never read once for each of them."""

from typing import Any

import pytest

from jishi import db
from jishi.kit.ids import IdMaker
from jishi.modules.catalogue import ProductState, sheets, storage
from tests.support.goods import NOW, AShop, a_product, a_shop, add
from tests.support.plans import reading

GOODS = 600
ASKED = 100


@pytest.fixture
async def rich(tx: db.Tx, ids: IdMaker) -> tuple[AShop, list[Any], list[Any]]:
    """A shop with many goods, and ids of some products and their SKUs. No statistics were taken yet."""
    shop = await a_shop(tx, ids)
    made = [a_product(shop, ids, state=ProductState.LISTED) for _ in range(GOODS)]
    await add(tx, *made)
    return shop, [it.id for it in made[:ASKED]], [it.skus[0].id for it in made[:ASKED]]


async def test_products_are_held_in_one_pass(
    tx: db.Tx, rich: tuple[AShop, list[Any], list[Any]]
) -> None:
    shop, products, skus = rich
    async with reading(tx) as reads:
        assert len(await storage.lock_products(tx, shop.id, products)) == ASKED
    assert reads.rows <= GOODS + 4 * ASKED
    async with reading(tx) as reads:
        assert len(await storage.products_of_skus(tx, shop.id, skus)) == ASKED
    assert reads.rows <= GOODS + 4 * ASKED


async def test_skus_are_switched_in_one_pass(
    tx: db.Tx, rich: tuple[AShop, list[Any], list[Any]]
) -> None:
    shop, _products, skus = rich
    async with reading(tx) as reads:
        await storage.change_skus(tx, shop.id, skus, enabled=[False] * ASKED, now=NOW)
    assert reads.rows <= 3 * GOODS + 12 * ASKED


async def test_a_chunk_of_an_upload_is_read_without_the_rest(tx: db.Tx, ids: IdMaker) -> None:
    sheet_id = ids.make(9)
    await tx.execute(
        "INSERT INTO goods_sheet_row (cell, sheet_id, row, product_id, sku_id, state, typed, wanted, seen)"
        " SELECT 9, $1, n, n, n, 'good', '{}', '{}', '{}' FROM generate_series(1, 5000) n",
        sheet_id,
    )
    await tx.execute("ANALYZE goods_sheet_row")
    async with reading(tx) as reads:
        rows = await sheets.next_chunk(tx, sheet_id, ["good"])
    assert [it.row for it in rows] == list(range(1, sheets.CHUNK + 1))
    assert reads.rows <= 3 * sheets.CHUNK
