"""What this flow reads besides modules: codes of SKUs and categories, and rows to download."""

from collections.abc import Sequence
from typing import Final

from jishi.db import Row, Tx, load_sql
from jishi.kit.ids import ProductId, ShopId, SkuId, WarehouseId

_BY_CODE: Final = """
SELECT s.code, s.id FROM sku s
WHERE s.cell = cell_of($1) AND s.shop_id = $1 AND s.code = ANY ($2::text[]) AND s.code <> '' AND NOT s.retired
"""
_LEAVES: Final = """
SELECT c.id, c.code FROM category c
WHERE (c.code = ANY ($1::text[]) OR c.id::text = ANY ($1)) AND c.is_leaf AND NOT c.is_retired
"""
_DOWNLOAD: Final = load_sql(__package__, "download")


async def skus_by_code(tx: Tx, shop_id: ShopId, codes: Sequence[str]) -> dict[str, list[SkuId]]:
    found: dict[str, list[SkuId]] = {}
    for row in await tx.fetch(_BY_CODE, shop_id, sorted(set(codes))):
        found.setdefault(row["code"], []).append(row["id"])
    return found


async def leaf_categories(tx: Tx, words: Sequence[str]) -> dict[str, int]:
    """Ids of leaf categories by their code or their number."""
    rows = await tx.fetch(_LEAVES, sorted(set(words)))
    return {row["code"]: row["id"] for row in rows} | {str(row["id"]): row["id"] for row in rows}


async def download_rows(
    tx: Tx, shop_id: ShopId, warehouse_id: WarehouseId, products: Sequence[ProductId], limit: int
) -> list[Row]:
    """SKUs of the chosen products, or of all, the newest product first."""
    return list(await tx.fetch(_DOWNLOAD, shop_id, list(products) or None, warehouse_id, limit))
