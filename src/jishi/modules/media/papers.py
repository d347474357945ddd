"""Papers: pictures of licences, permits and evidence. Shown only through ``paper_answer``, never publicly.

Owns table ``paper``. The bytes lie in the same store as public pictures, but the public address asks
table ``media``, where no paper stands.
"""

from collections.abc import Sequence
from typing import Any, Final

from litestar import Response
from litestar.datastructures import UploadFile

from jishi import web
from jishi.db import Tx
from jishi.kit.errors import NotFound, Refusal
from jishi.kit.ids import MediaId, ShopId, cell_of
from jishi.modules.media import rules
from jishi.modules.media.types import FileMissing, Prepared
from jishi.modules.media.upload import prepare_upload, store_of

SIDE_LEAST: Final = 300  # points of the shorter side: below, nobody can read a paper

_INSERT = """
INSERT INTO paper (cell, id, shop_id, sha256, width, height, bytes, created_by, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (cell, shop_id, sha256) DO UPDATE SET width = paper.width
RETURNING id
"""
_SHA = (
    "SELECT sha256 FROM paper WHERE cell = $1 AND id = $2 AND ($3::bigint IS NULL OR shop_id = $3)"
)
_OF_SHOP = """
SELECT p.id FROM unnest($2::bigint[]) a (id) JOIN paper p ON p.cell = cell_of(a.id) AND p.id = a.id
WHERE p.shop_id = $1 AND p.cell = cell_of($1)
"""


class PaperTooSmall(Refusal):
    code = "media.paper_too_small"
    text = "The picture has {width} × {height} points: too small to be read. Take a larger one."


async def keep_paper(
    request: web.AnyRequest, shop_id: ShopId, file: UploadFile | None, *, field: str
) -> MediaId:
    """An uploaded paper of the shop, kept.

    Raises FileMissing, PaperTooSmall and what ``media.pictures.prepare`` raises, each naming ``field``.
    """
    if file is None:
        raise FileMissing(field=field)
    try:
        prepared = await prepare_upload(file)
    except Refusal as problem:
        problem.field = field
        raise
    if min(prepared.width, prepared.height) < SIDE_LEAST:
        raise PaperTooSmall(field=field, width=prepared.width, height=prepared.height)
    await store_of(request).put(prepared.sha256, prepared.encoded)
    async with web.transaction(request) as tx:
        return await _insert(tx, request, shop_id, prepared)


async def papers_of_shop(tx: Tx, shop_id: ShopId, ids: Sequence[int]) -> set[int]:
    """Those of the papers that belong to the shop."""
    rows = await tx.fetch(_OF_SHOP, shop_id, list(ids)) if ids else []
    return {row["id"] for row in rows}


async def paper_answer(request: web.AnyRequest, shop_id: ShopId | None) -> Response[Any]:
    """The picture of path parameters ``paper_id`` and ``file``; None: of any shop. Raises NotFound."""
    paper_id = web.path_id(request, "paper_id")
    size = rules.read_file_name(str(request.path_params["file"]))
    async with web.read(request) as tx:
        sha256 = await tx.fetchval(_SHA, cell_of(paper_id), paper_id, shop_id)
    content = await store_of(request).get(sha256, size) if size and sha256 else None
    if content is None:
        raise NotFound
    headers = {"cache-control": "private, max-age=300", "x-content-type-options": "nosniff"}
    return Response(content, media_type="image/webp", headers=headers)


async def _insert(tx: Tx, request: web.AnyRequest, shop_id: ShopId, it: Prepared) -> MediaId:
    cell, now = cell_of(shop_id), web.now(request)
    figures = (it.sha256, it.width, it.height, it.length)
    by = web.signed_in(request).account_id
    kept = await tx.fetchval(_INSERT, cell, web.ids(request).make(cell), shop_id, *figures, by, now)
    return MediaId(int(kept))
