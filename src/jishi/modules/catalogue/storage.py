"""Products and SKUs in PostgreSQL. Reads ``category`` and the names of shops besides."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

import msgspec

from jishi.db import Row, Tx, load_sql
from jishi.kit.ids import ProductId, ShopId, SkuId, cell_of
from jishi.modules.catalogue import rules
from jishi.modules.catalogue.types import (
    Attribute,
    Category,
    NewPrice,
    NewProduct,
    NewSku,
    Product,
    ProductState,
    Sku,
)

_CATEGORIES = load_sql(__package__, "categories")
_CATEGORY_LEVELS = load_sql(__package__, "category_levels")
_DEEPEST = """
SELECT id FROM category
WHERE id = ANY ($1::int[]) AND path = ($1::int[])[1:level] AND NOT is_retired
ORDER BY level DESC LIMIT 1
"""
_CATEGORY_SEARCH = load_sql(__package__, "category_search")
_SHOP_NAMES = """
SELECT s.id, s.name, s.name_en FROM unnest($1::bigint[]) a (id)
JOIN shop s ON s.cell = cell_of(a.id) AND s.id = a.id
"""
_ADD_PRODUCTS = load_sql(__package__, "add_products")
_WRITE_SKUS = load_sql(__package__, "write_skus")
_EXTERNAL = """
SELECT p.shop_id, p.external_id, p.id FROM unnest($1::bigint[], $2::text[]) a (shop_id, external_id)
JOIN product p ON p.cell = cell_of(a.shop_id) AND p.shop_id = a.shop_id AND p.external_id = a.external_id
"""
_FIND = "SELECT * FROM product WHERE cell = $1 AND id = $2 AND shop_id = $3"
_SKUS = """
SELECT * FROM sku WHERE cell = $1 AND product_id = $2 AND NOT retired ORDER BY position, id
"""
# shop_id + 0: the rows are looked up by their ids; the index by shop would read all of its goods for each.
_LOCK_PRODUCTS = """
SELECT p.id, p.state, p.version FROM unnest($2::bigint[]) a (id)
JOIN product p ON p.id = a.id
WHERE p.cell = cell_of($1) AND p.shop_id + 0 = $1
ORDER BY p.cell, p.id FOR NO KEY UPDATE OF p
"""
_PRODUCTS_OF = """
SELECT s.id, s.product_id FROM unnest($2::bigint[]) a (id)
JOIN sku s ON s.id = a.id
WHERE s.cell = cell_of($1) AND s.shop_id + 0 = $1 AND NOT s.retired
"""
_FOR_LISTING = """
SELECT p.id, p.state, p.category_id, jsonb_array_length(p.pictures) AS pictures,
    EXISTS (SELECT FROM sku s WHERE s.cell = p.cell AND s.product_id = p.id AND s.enabled AND NOT s.retired)
        AS is_sellable
FROM unnest($1::bigint[]) a (id) JOIN product p ON p.cell = cell_of(a.id) AND p.id = a.id
"""
_MOVE_PRODUCTS = load_sql(__package__, "move_products")
_CHANGE_SKUS = load_sql(__package__, "change_skus")
_REWRITE = load_sql(__package__, "rewrite_product")
_REWRITE_MANY = load_sql(__package__, "rewrite_products")
_REWORD_SHOP = load_sql(__package__, "reword_shop")


_PRODUCT_FIELDS = tuple(it.name for it in fields(Product) if it.name != "skus")
_SKU_FIELDS = tuple(it.name for it in fields(Sku))


async def categories(tx: Tx, ids: Sequence[int]) -> dict[int, Category]:
    rows = await tx.fetch(_CATEGORIES, sorted(set(ids)))
    return {row["id"]: Category(**dict(row)) for row in rows}


async def category_levels(tx: Tx, category_id: int | None) -> list[Row]:
    """level, id, name_en, name_zh, is_leaf, is_chosen of every choice down to the category."""
    return list(await tx.fetch(_CATEGORY_LEVELS, category_id))


async def deepest_of(tx: Tx, way: Sequence[int]) -> int:
    """The deepest category whose whole path is the beginning of ``way``; 0 for none."""
    return int(await tx.fetchval(_DEEPEST, list(way)) or 0)


async def search_categories(tx: Tx, pattern: str) -> list[Row]:
    """id, names_en, names_zh of at most 12 leaves."""
    return list(await tx.fetch(_CATEGORY_SEARCH, pattern))


async def shop_names(tx: Tx, ids: Sequence[ShopId]) -> dict[ShopId, tuple[str, str]]:
    """The name in the shop's language and in English."""
    rows = await tx.fetch(_SHOP_NAMES, sorted(set(ids)))
    return {row["id"]: (row["name"], row["name_en"]) for row in rows}


async def known_externals(
    tx: Tx, pairs: Sequence[tuple[ShopId, str]]
) -> dict[tuple[ShopId, str], ProductId]:
    rows = await tx.fetch(_EXTERNAL, [pair[0] for pair in pairs], [pair[1] for pair in pairs])
    return {(row["shop_id"], row["external_id"]): row["id"] for row in rows}


async def insert_products(
    tx: Tx,
    products: Sequence[NewProduct],
    words: Sequence[tuple[str, str, str]],
    *,
    now: datetime,
) -> set[ProductId]:
    """Ids of those written; one whose external id came in between is left out."""
    spans = [_span(product.skus) for product in products]
    rows = await tx.fetch(
        _ADD_PRODUCTS,
        [it.id for it in products],
        [it.shop_id for it in products],
        [it.category_id for it in products],
        [it.state for it in products],
        [it.title for it in products],
        [it.title_en for it in products],
        [it.description for it in products],
        [it.brand for it in products],
        [_json(_attributes(it.attributes)) for it in products],
        [_json([dict(picture) for picture in it.pictures]) for it in products],
        [span[0] for span in spans],
        [span[1] for span in spans],
        [it.external_id for it in products],
        *([each[at] for each in words] for at in range(3)),
        now,
    )
    return {row["id"] for row in rows}


async def write_skus(
    tx: Tx,
    rows: Sequence[tuple[ProductId, ShopId, ProductState, int, NewSku]],
    *,
    now: datetime,
) -> None:
    """Rows of product, shop, the product's state, the place in its table, and the SKU."""
    skus = [row[4] for row in rows]
    await tx.execute(
        _WRITE_SKUS,
        [sku.id for sku in skus],
        [row[0] for row in rows],
        [row[1] for row in rows],
        [sku.code for sku in skus],
        [_json(list(sku.options)) for sku in skus],
        [sku.price_minor for sku in skus],
        [sku.list_price_minor for sku in skus],
        [sku.weight_grams for sku in skus],
        [sku.enabled for sku in skus],
        [rules.is_sellable(row[2], row[4]) for row in rows],
        [row[3] for row in rows],
        now,
    )


async def find_product(tx: Tx, shop_id: ShopId, product_id: ProductId) -> Product | None:
    cell = cell_of(product_id)
    row = await tx.fetchrow(_FIND, cell, product_id, shop_id)
    return _product(row, await tx.fetch(_SKUS, cell, product_id)) if row else None


async def lock_products(
    tx: Tx, shop_id: ShopId, ids: Sequence[ProductId]
) -> dict[ProductId, tuple[ProductState, int]]:
    """State and version of those that are the shop's, held until ``tx`` ends, by id."""
    rows = await tx.fetch(_LOCK_PRODUCTS, shop_id, sorted(set(ids)))
    return {row["id"]: (ProductState(row["state"]), row["version"]) for row in rows}


async def products_of_skus(
    tx: Tx, shop_id: ShopId, sku_ids: Sequence[SkuId]
) -> dict[SkuId, ProductId]:
    """The product of each SKU that is the shop's and stands."""
    rows = await tx.fetch(_PRODUCTS_OF, shop_id, sorted(set(sku_ids)))
    return {row["id"]: row["product_id"] for row in rows}


async def listing_facts(tx: Tx, ids: Sequence[ProductId]) -> list[Row]:
    """id, state, category_id, how many pictures, is_sellable."""
    return list(await tx.fetch(_FOR_LISTING, list(ids)))


async def move_products(
    tx: Tx,
    ids: Sequence[ProductId],
    to: ProductState,
    sources: Sequence[ProductState],
    *,
    now: datetime,
) -> set[ProductId]:
    rows = await tx.fetch(_MOVE_PRODUCTS, list(ids), to, list(sources), now)
    return {row["id"] for row in rows}


async def change_skus(
    tx: Tx,
    shop_id: ShopId,
    ids: Sequence[SkuId],
    *,
    prices: Sequence[NewPrice] = (),
    enabled: Sequence[bool] = (),
    now: datetime,
) -> list[ProductId]:
    """Products with a changed SKU. ``prices`` and ``enabled`` run in step with ``ids``; none: as they are."""
    nothing = [None] * len(ids)
    rows = await tx.fetch(
        _CHANGE_SKUS,
        shop_id,
        list(ids),
        [it.price_minor for it in prices] or nothing,
        [it.list_price_minor for it in prices] or nothing,
        list(enabled) or nothing,
        now,
    )
    return sorted(row["id"] for row in rows)


async def rewrite_product(
    tx: Tx, product: NewProduct, words: tuple[str, str, str], *, now: datetime
) -> int:
    """The new version. The caller holds the product and writes the SKUs afterwards."""
    version = await tx.fetchval(
        _REWRITE,
        product.id,
        product.category_id,
        product.title,
        product.title_en,
        product.description,
        product.brand,
        _attributes(product.attributes),
        [dict(picture) for picture in product.pictures],
        *_span(product.skus),
        *words,
        [list(sku.options) for sku in product.skus],
        now,
    )
    assert version, f"product {product.id} was not there"
    return int(version)


async def rewrite_products(
    tx: Tx, products: Sequence[tuple[NewProduct, tuple[str, str, str] | None]], *, now: datetime
) -> None:
    """Products with the words they are found by; None: those stay. The caller holds them."""
    spans = [_span(it.skus) for it, _ in products]
    await tx.execute(
        _REWRITE_MANY,
        [it.id for it, _ in products],
        [it.category_id for it, _ in products],
        [it.title for it, _ in products],
        [it.title_en for it, _ in products],
        [it.description for it, _ in products],
        [it.brand for it, _ in products],
        [span[0] for span in spans],
        [span[1] for span in spans],
        [words and words[0] for _, words in products],
        [words and words[1] for _, words in products],
        now,
    )


async def reword_shop(
    tx: Tx, shop_id: ShopId, words: str, *, after: ProductId, limit: int
) -> ProductId | None:
    """The last product of the chunk; None when there was none."""
    last: ProductId | None = await tx.fetchval(_REWORD_SHOP, shop_id, words, after, limit)
    return last


def _span(skus: Sequence[NewSku]) -> tuple[int, int]:
    return rules.price_span((sku.price_minor, sku.enabled) for sku in skus)


def _attributes(attributes: Sequence[Attribute]) -> list[dict[str, Any]]:
    return [{"name": it.name, "values": list(it.values)} for it in attributes]


def _json(value: Any) -> str:
    """JSON as text: in an array of jsonb, asyncpg takes a list for a further dimension."""
    return msgspec.json.encode(value).decode()


def _product(row: Row, sku_rows: Sequence[Row]) -> Product:
    kept = {name: row[name] for name in _PRODUCT_FIELDS}
    kept["state"] = ProductState(row["state"])
    kept["attributes"] = [Attribute(**it) for it in row["attributes"]]
    return Product(**kept, skus=[_sku(sku) for sku in sku_rows])


def _sku(row: Row) -> Sku:
    return Sku(**{name: row[name] for name in _SKU_FIELDS})
