"""Rows of pictures in PostgreSQL."""

from collections.abc import Sequence
from datetime import datetime

from jishi.db import Tx
from jishi.kit.ids import AccountId, MediaId, ShopId, cell_of
from jishi.modules.media.types import Media, Prepared

# The same file uploaded twice by a shop is one picture: the row there is answered.
_INSERT = """
INSERT INTO media (cell, id, shop_id, sha256, width, height, bytes, kind, created_by, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (cell, shop_id, sha256) DO UPDATE SET width = media.width
RETURNING id, shop_id, sha256, width, height, bytes, kind, created_by, created_at
"""
_SHA = "SELECT sha256 FROM media WHERE cell = $1 AND id = $2"
_OF_SHOP = """
SELECT m.id FROM unnest($2::bigint[]) a (id) JOIN media m ON m.cell = cell_of(a.id) AND m.id = a.id
WHERE m.shop_id = $1 AND m.cell = cell_of($1)
"""


async def insert_media(
    tx: Tx, media_id: MediaId, shop_id: ShopId, it: Prepared, *, by: AccountId, now: datetime
) -> Media:
    figures = (it.width, it.height, it.length, it.kind)
    mine = (cell_of(media_id), media_id, shop_id, it.sha256)
    row = await tx.fetchrow(_INSERT, *mine, *figures, by, now)
    assert row
    return Media(**dict(row))


async def find_sha256(tx: Tx, media_id: MediaId) -> bytes | None:
    found: bytes | None = await tx.fetchval(_SHA, cell_of(media_id), media_id)
    return found


async def media_of_shop(tx: Tx, shop_id: ShopId, ids: Sequence[MediaId]) -> set[MediaId]:
    rows = await tx.fetch(_OF_SHOP, shop_id, list(ids))
    return {row["id"] for row in rows}
