"""Goods with their stock."""

from jishi.db import Row, Tx, load_sql
from jishi.kit.ids import ShopId
from jishi.kit.paging import PAGE_SIZE, Page, decode_cursor, page_of
from jishi.kit.text import like_literal

_GOODS = load_sql(__package__, "goods")
_COUNTS = """
SELECT state, count(*) AS products FROM product WHERE cell = cell_of($1) AND shop_id = $1 GROUP BY state
"""
WORD_MAX = 100


async def goods_of(
    tx: Tx,
    shop_id: ShopId,
    state: str,
    *,
    word: str = "",
    cursor: str | None = None,
    size: int = PAGE_SIZE,
) -> Page[Row]:
    """A page of products in one state, the newest first. Raises CursorInvalid."""
    after = decode_cursor(cursor, int) or (None,)
    plain = word.strip()[:WORD_MAX]
    rows = await tx.fetch(
        _GOODS, shop_id, state, f"%{like_literal(plain)}%" if plain else None, *after, size + 1
    )
    return page_of(rows, size, lambda row: (row["id"],))


async def counts_of(tx: Tx, shop_id: ShopId) -> dict[str, int]:
    """How many products stand in each state; states without any are missing."""
    return {row["state"]: row["products"] for row in await tx.fetch(_COUNTS, shop_id)}
