"""Taking in uploaded pictures: read, decode in a thread, store the files, then write the rows."""

import asyncio
from collections.abc import Sequence

from litestar.datastructures import UploadFile

from jishi import web
from jishi.kit.errors import Refusal
from jishi.kit.ids import MediaId, ShopId, cell_of
from jishi.modules.media import storage
from jishi.modules.media.pictures import prepare
from jishi.modules.media.store import MediaStore, local_store
from jishi.modules.media.types import BYTES_MAX, UPLOADS_MAX, Media, Prepared, TooManyFiles

# Decoding 40 million points takes some 160 MB: no more than two at once in a process.
_decoding = asyncio.Semaphore(2)


def store_of(request: web.AnyRequest) -> MediaStore:
    return local_store(web.settings(request).media_folder)


async def keep_uploads(
    request: web.AnyRequest, shop_id: ShopId, files: Sequence[UploadFile]
) -> tuple[list[Media], list[Refusal]]:
    """Every good picture of a form kept, and a refusal for each other one.

    Raises TooManyFiles. The files are in the store before their rows are written, so a row never
    points at nothing; what a crash leaves without a row is found again by its hash.
    """
    if len(files) > UPLOADS_MAX:
        raise TooManyFiles(field="pictures", limit=UPLOADS_MAX, count=len(files))
    good: list[Prepared] = []
    refused: list[Refusal] = []
    for file in files:
        try:
            prepared = await prepare_upload(file)
        except Refusal as problem:
            refused.append(problem)
            continue
        await store_of(request).put(prepared.sha256, prepared.encoded)
        good.append(prepared)
    return await _write(request, shop_id, good), refused


async def prepare_upload(file: UploadFile) -> Prepared:
    """The uploaded picture in all sizes, decoded in a thread. Raises what ``prepare`` raises."""
    raw = await file.read(BYTES_MAX + 1)
    async with _decoding:
        return await asyncio.to_thread(prepare, raw, name=file.filename)


async def _write(request: web.AnyRequest, shop_id: ShopId, good: Sequence[Prepared]) -> list[Media]:
    if not good:
        return []
    maker, now = web.ids(request), web.now(request)
    by = web.signed_in(request).account_id
    async with web.transaction(request) as tx:
        return [
            await storage.insert_media(
                tx, MediaId(maker.make(cell_of(shop_id))), shop_id, it, by=by, now=now
            )
            for it in good
        ]
