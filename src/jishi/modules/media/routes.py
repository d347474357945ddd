"""HTTP for pictures: serving them to everyone, taking them in from shops."""

from collections import OrderedDict
from typing import Any, Final

from litestar import Response, get, post

from jishi import web
from jishi.kit.errors import NotFound, Refusals
from jishi.kit.ids import MediaId, ShopId
from jishi.kit.pictures import picture_src
from jishi.modules.media import rules, storage
from jishi.modules.media.types import FileMissing, Media
from jishi.modules.media.upload import keep_uploads, store_of
from jishi.web.answer import json

FOREVER: Final = "public, max-age=31536000, immutable"
REMEMBERED: Final = 20_000  # hashes of pictures kept in memory, about 2 MB
_hashes: OrderedDict[MediaId, bytes] = OrderedDict()


@get("/media/{media_id:str}/{file:str}", include_in_schema=False)
async def get_media(request: web.AnyRequest) -> Response[bytes]:
    """GET /media/{media_id}/{160|480|960|1920}.webp: 200 for ever, 304, 404."""
    media_id = MediaId(web.path_id(request, "media_id"))
    size = rules.read_file_name(str(request.path_params["file"]))
    sha256 = await _sha256(request, media_id) if size else None
    if size is None or sha256 is None:
        raise NotFound
    etag = f'"{sha256.hex()[:16]}-{size}"'
    headers = {"cache-control": FOREVER, "etag": etag, "x-content-type-options": "nosniff"}
    if request.headers.get("if-none-match") == etag:
        return Response(b"", status_code=304, headers=headers)
    content = await store_of(request).get(sha256, size)
    if content is None:
        raise NotFound
    return Response(content, media_type="image/webp", headers=headers)


@post("/api/v1/shops/{shop_id:str}/media")
async def api_upload(request: web.AnyRequest) -> Response[bytes]:
    """POST …/media (multipart, field ``file``): 201 the picture; 413 too large; 422 no picture."""
    file = await web.upload(request, "file")
    if file is None:
        raise FileMissing(field="file")
    shop_id = ShopId(web.path_id(request, "shop_id"))
    kept, refused = await keep_uploads(request, shop_id, [file])
    if refused:
        raise Refusals(refused)
    return json(_shown(kept[0]), status=201)


async def _sha256(request: web.AnyRequest, media_id: MediaId) -> bytes | None:
    """A picture's hash never changes, so it is asked once."""
    found = _hashes.get(media_id)
    if found is not None:
        return found
    async with web.read(request) as tx:
        found = await storage.find_sha256(tx, media_id)
    if found is not None:
        _hashes[media_id] = found
        if len(_hashes) > REMEMBERED:
            _hashes.popitem(last=False)
    return found


def _shown(media: Media) -> dict[str, Any]:
    return {
        "media_id": str(media.id),
        "width": media.width,
        "height": media.height,
        "url": picture_src({"media_id": str(media.id)}, 960),
    }


routes = [get_media, api_upload]
