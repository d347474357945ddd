"""Answers that are not pages."""

from typing import Any, Final
from urllib.parse import quote

import msgspec
from litestar import Response

JSON: Final = "application/json"
_ENCODER: Final = msgspec.json.Encoder()


def json(body: Any, *, status: int = 200) -> Response[bytes]:
    """``body`` as JSON: dicts, lists, structs. Ids must be strings already (``str(id)``)."""
    return Response(_ENCODER.encode(body), status_code=status, media_type=JSON)


def redirect(path: str) -> Response[None]:
    """303 to an address of this site, after a form."""
    return Response(None, status_code=303, headers={"location": quote(path, safe="/:?&=%#,+~")})


def download(
    content: bytes | str, name: str, *, media_type: str = "text/csv; charset=utf-8"
) -> Response[bytes]:
    """A file the browser saves under ``name``."""
    raw = content.encode() if isinstance(content, str) else content
    disposition = f"attachment; filename*=UTF-8''{quote(name)}"
    return Response(raw, media_type=media_type, headers={"content-disposition": disposition})
