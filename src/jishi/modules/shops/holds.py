"""What keeps a shop from selling, or a product from being listed. Each call in the caller's transaction."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from jishi.db import Tx
from jishi.kit.ids import ProductId, ShopId, cell_of

_HOLD: Final = """
INSERT INTO shop_hold (cell, shop_id, reason, subject_id, since) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT DO NOTHING
"""
_SUSPEND: Final = """
UPDATE shop SET state = 'suspended', version = version + 1
WHERE cell = $1 AND id = $2 AND state IN ('open', 'holiday')
"""
_RELEASE: Final = """
DELETE FROM shop_hold WHERE cell = $1 AND shop_id = $2 AND reason = $3 AND subject_id = $4
"""
_REOPEN: Final = """
UPDATE shop SET state = 'open', version = version + 1
WHERE cell = $1 AND id = $2 AND state = 'suspended'
    AND NOT EXISTS (SELECT FROM shop_hold h WHERE h.cell = $1 AND h.shop_id = $2)
"""
_LOCK: Final = "SELECT state FROM shop WHERE cell = $1 AND id = $2 FOR NO KEY UPDATE"
_CLOSE: Final = (
    "UPDATE shop SET state = 'closed', version = version + 1 WHERE cell = $1 AND id = $2"
)
_UNCLOSE: Final = """
UPDATE shop SET version = version + 1,
    state = CASE WHEN EXISTS (SELECT FROM shop_hold h WHERE h.cell = $1 AND h.shop_id = $2)
        THEN 'suspended' ELSE 'open' END
WHERE cell = $1 AND id = $2 AND state = 'closed'
"""
_LIST: Final = (
    "SELECT reason, subject_id, since FROM shop_hold WHERE cell = $1 AND shop_id = $2 LIMIT 100"
)
_TAKE_OFF: Final = """
INSERT INTO listing_hold (cell, product_id, shop_id, reason, subject_id, was_listed, since)
SELECT cell_of(p.id), p.id, $1, $3, $4, p.was_listed, $6
FROM unnest($2::bigint[], $5::boolean[]) p (id, was_listed)
ON CONFLICT DO NOTHING
"""
_PUT_BACK: Final = """
DELETE FROM listing_hold l USING unnest($2::bigint[]) p (id)
WHERE l.cell = cell_of(p.id) AND l.product_id = p.id AND l.shop_id = $1 AND l.reason = $3
    AND l.subject_id = $4
RETURNING l.product_id, l.was_listed AND NOT EXISTS (SELECT FROM listing_hold o
    WHERE o.cell = l.cell AND o.product_id = l.product_id
        AND (o.reason, o.subject_id) <> (l.reason, l.subject_id)) AS goes_back
"""
_HELD: Final = """
SELECT l.product_id, min(l.reason) AS reason
FROM unnest($1::bigint[]) p (id)
JOIN listing_hold l ON l.cell = cell_of(p.id) AND l.product_id = p.id
GROUP BY l.product_id
"""


async def hold_shop(
    tx: Tx, shop_id: ShopId, reason: str, subject_id: int, *, now: datetime
) -> None:
    """Suspend the shop: nothing can be bought, orders under way go on."""
    cell = cell_of(shop_id)
    await tx.fetchval(_LOCK, cell, shop_id)
    await tx.execute(_HOLD, cell, shop_id, reason, subject_id, now)
    await tx.execute(_SUSPEND, cell, shop_id)


async def release_shop(tx: Tx, shop_id: ShopId, reason: str, subject_id: int) -> None:
    """Take one reason away; the shop opens again when it was the last."""
    cell = cell_of(shop_id)
    await tx.fetchval(_LOCK, cell, shop_id)
    await tx.execute(_RELEASE, cell, shop_id, reason, subject_id)
    await tx.execute(_REOPEN, cell, shop_id)


async def close_shop(tx: Tx, shop_id: ShopId) -> None:
    await tx.execute(_CLOSE, cell_of(shop_id), shop_id)


async def reopen_closed(tx: Tx, shop_id: ShopId) -> None:
    """Undo a closing: open, or suspended while reasons stand."""
    await tx.execute(_UNCLOSE, cell_of(shop_id), shop_id)


async def holds_of_shop(tx: Tx, shop_id: ShopId) -> list[tuple[str, int, datetime]]:
    rows = await tx.fetch(_LIST, cell_of(shop_id), shop_id)
    return [(row["reason"], row["subject_id"], row["since"]) for row in rows]


async def hold_listings(
    tx: Tx,
    shop_id: ShopId,
    products: Sequence[tuple[ProductId, bool]],
    reason: str,
    subject_id: int,
    *,
    now: datetime,
) -> None:
    """Keep products of the shop from being listed; the flag says whether they were on sale."""
    ids, listed = [it for it, _ in products], [was for _, was in products]
    await tx.execute(_TAKE_OFF, shop_id, ids, reason, subject_id, listed, now)


async def release_listings(
    tx: Tx, shop_id: ShopId, product_ids: Sequence[ProductId], reason: str, subject_id: int
) -> list[ProductId]:
    """Those of the products that may go back on sale: they were, and nothing else holds them."""
    rows = await tx.fetch(_PUT_BACK, shop_id, list(product_ids), reason, subject_id)
    return [ProductId(row["product_id"]) for row in rows if row["goes_back"]]


async def held_listings(tx: Tx, product_ids: Sequence[ProductId]) -> dict[ProductId, str]:
    """Why each of the products may not be listed: ``penalty`` before ``qualification``."""
    rows = await tx.fetch(_HELD, list(product_ids)) if product_ids else []
    return {ProductId(row["product_id"]): row["reason"] for row in rows}
