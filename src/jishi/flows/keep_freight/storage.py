"""The statements of these pages."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from jishi.db import Row, Tx, load_sql
from jishi.kit.ids import ProductId, ShopId, cell_of
from jishi.modules.fulfilment import TemplateId

_SET_TEMPLATE: Final = load_sql(__package__, "set_template")
_SET_SENDING: Final = load_sql(__package__, "set_sending")
_CLEAR: Final = load_sql(__package__, "clear_template")
_PRODUCT: Final = """
SELECT id, title, freight_template_id FROM product WHERE cell = cell_of($1) AND id = $1 AND shop_id = $2
"""
_SKUS: Final = """
SELECT id, options, code, weight_grams, volume_cm3 FROM sku
WHERE cell = cell_of($1) AND product_id = $1 AND NOT retired ORDER BY position, id
"""
# Provinces, and below each what people call its cities: for 北京市 those are its districts.
_TREE: Final = """
SELECT p.code AS province, p.name AS province_name, c.code, c.name
FROM region p
LEFT JOIN LATERAL (
    SELECT a.code, a.name FROM region a WHERE a.parent_code = p.code AND NOT a.is_hidden AND NOT a.is_retired
    UNION ALL
    SELECT b.code, b.name FROM region h JOIN region b ON b.parent_code = h.code
    WHERE h.parent_code = p.code AND h.is_hidden AND NOT b.is_hidden AND NOT b.is_retired
) c ON true
WHERE p.level = 1 AND NOT p.is_retired ORDER BY p.code, c.code
"""
_NAMES: Final = "SELECT code, name FROM region WHERE code = ANY ($1::integer[])"
_FLAT: Final = """
SELECT freight_minor, free_freight_from_minor, ship_within_hours FROM shop WHERE cell = $1 AND id = $2
"""


async def region_tree(tx: Tx) -> list[tuple[int, str, list[tuple[int, str]]]]:
    """(province, its name, [(city, its name)]); some 370 names, for pickers."""
    tree: dict[int, tuple[str, list[tuple[int, str]]]] = {}
    for row in await tx.fetch(_TREE):
        _, cities = tree.setdefault(row["province"], (row["province_name"], []))
        if row["code"] is not None:
            cities.append((row["code"], row["name"]))
    return [(code, name, cities) for code, (name, cities) in tree.items()]


async def region_names(tx: Tx, codes: Sequence[int]) -> dict[int, str]:
    return {row["code"]: row["name"] for row in await tx.fetch(_NAMES, list(codes))}


async def flat_freight(tx: Tx, shop_id: ShopId) -> Row:
    row = await tx.fetchrow(_FLAT, cell_of(shop_id), shop_id)
    assert row, f"shop {shop_id} is not there"
    return row


async def set_template(
    tx: Tx, shop_id: ShopId, template_id: TemplateId | None, *, which: str, now: datetime
) -> int:
    """How many products changed."""
    return int(await tx.fetchval(_SET_TEMPLATE, cell_of(shop_id), shop_id, template_id, which, now))


async def clear_template(tx: Tx, shop_id: ShopId, template_id: TemplateId, *, now: datetime) -> int:
    """Give a template's products back to the flat freight; how many changed."""
    done = await tx.execute(_CLEAR, cell_of(shop_id), shop_id, template_id, now)
    return int(done.rpartition(" ")[2])


async def find_product(tx: Tx, shop_id: ShopId, product_id: ProductId) -> Row | None:
    return await tx.fetchrow(_PRODUCT, product_id, shop_id)


async def list_skus(tx: Tx, product_id: ProductId) -> list[Row]:
    return list(await tx.fetch(_SKUS, product_id))


async def set_sending(
    tx: Tx,
    shop_id: ShopId,
    product_id: ProductId,
    template_id: TemplateId | None,
    measures: Sequence[tuple[int, int, int]],
    *,
    now: datetime,
) -> None:
    """``measures``: (SKU, grams, cubic centimetres)."""
    ids, grams, volumes = ([it[at] for it in measures] for at in range(3))
    await tx.execute(_SET_SENDING, product_id, shop_id, template_id, ids, grams, volumes, now)
