"""What the price and stock table shows."""

from collections.abc import Sequence

from jishi.db import Row, Tx, load_sql
from jishi.kit.ids import ProductId, ShopId, WarehouseId
from jishi.kit.paging import Page, decode_cursor, page_of
from jishi.kit.text import like_literal

ROWS = 50  # of one page of the table

_PRICE_ROWS = load_sql(__package__, "price_rows")


async def price_rows(
    tx: Tx,
    shop_id: ShopId,
    warehouse_id: WarehouseId,
    *,
    product_ids: Sequence[ProductId] = (),
    word: str = "",
    cursor: str | None = None,
) -> Page[Row]:
    """50 SKUs with what they cost and what lies on the shelf. Raises CursorInvalid."""
    after = decode_cursor(cursor, int, int) or (None, None)
    rows = await tx.fetch(
        _PRICE_ROWS,
        shop_id,
        list(product_ids) or None,
        f"%{like_literal(word)}%" if word else None,
        *after,
        warehouse_id,
        ROWS + 1,
    )
    return page_of(rows, ROWS, lambda row: (row["product_id"], row["position"]))
