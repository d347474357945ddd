"""What the stock page shows."""

from jishi.db import Row, Tx, load_sql
from jishi.kit.ids import ProductId
from jishi.kit.paging import Page, decode_cursor, page_of

MOVES = 30  # lines of the journal on a page

_JOURNAL = load_sql(__package__, "journal")


async def journal(tx: Tx, product_id: ProductId, *, cursor: str | None) -> Page[Row]:
    """30 moves of all SKUs of a product, newest first. Raises CursorInvalid."""
    after = decode_cursor(cursor, int) or (None,)
    rows = await tx.fetch(_JOURNAL, product_id, *after, MOVES + 1)
    return page_of(rows, MOVES, lambda row: (row["position"],))
