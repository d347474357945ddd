"""Our own files under /static: addressed with a content hash, kept in memory, gzipped once.

The files in memory are the answer to "may this path be read": what the folder listing did not
name does not exist, so no path can lead outside.
"""

import gzip
import hashlib
import mimetypes
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from litestar import Request, Response, get

import jishi

STATIC_DIR: Final = Path(jishi.__file__).parent / "static"
FOREVER: Final = "public, max-age=31536000, immutable"
BRIEFLY: Final = "public, max-age=300"
_FOR_PDF: Final = ".ttf"  # read by web.pdf; ten megabytes that no page needs
_ZIPPED: Final = (".css", ".js", ".svg", ".webmanifest", ".json", ".txt")
mimetypes.add_type("application/manifest+json", ".webmanifest")
mimetypes.add_type("image/webp", ".webp")


@dataclass(frozen=True, slots=True)
class StaticFile:
    body: bytes
    zipped: bytes | None  # None where gzip gains nothing
    digest: str  # first 8 hex digits of SHA-256
    media_type: str
    mtime_ns: int


LIST_SECONDS: Final = 1.0  # a file built meanwhile is found after that


class StaticFiles:
    """The files below ``folder``, read when first asked for and again when they change."""

    def __init__(self, folder: Path, *, list_seconds: float = LIST_SECONDS) -> None:
        self._folder = folder
        self._list_seconds = list_seconds
        self._files: dict[str, StaticFile] = {}
        self._list_again_at = 0.0  # an unknown name must not cost a look at every file
        self._paths: dict[str, str] = {}  # by name; a Path costs more than the look at the file

    def find(self, name: str) -> StaticFile | None:
        """The file of that name (``built/htmx.min.js``), or None when there is no such file."""
        path = self._paths.get(name)
        if path is None and _plain(name) and time.monotonic() >= self._list_again_at:
            self._paths = self._listing()
            self._list_again_at = time.monotonic() + self._list_seconds
            path = self._paths.get(name)
        try:
            mtime_ns = os.stat(path).st_mtime_ns if path else None  # noqa: PTH116 - see _paths
        except FileNotFoundError:
            mtime_ns = None
        if path is None or mtime_ns is None:
            return None
        held = self._files.get(name)
        if held is None or held.mtime_ns != mtime_ns:
            held = self._files[name] = _read(Path(path), mtime_ns)
        return held

    def url(self, name: str) -> str:
        """``/static/name?v=hash``; without the hash while the file has not been built."""
        held = self.find(name)
        return f"/static/{name}?v={held.digest}" if held else f"/static/{name}"

    def _listing(self) -> dict[str, str]:
        return {
            path.relative_to(self._folder).as_posix(): str(path)
            for path in self._folder.rglob("*")
            if path.is_file() and not path.name.startswith(".") and path.suffix != _FOR_PDF
        }


def _plain(name: str) -> bool:
    return len(name) <= 120 and not any(part in {"", ".", ".."} for part in name.split("/"))  # noqa: PLR2004


def _read(path: Path, mtime_ns: int) -> StaticFile:
    body = path.read_bytes()
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    text = kind.startswith("text/") or path.suffix in {".js", ".svg", ".webmanifest", ".json"}
    return StaticFile(
        body=body,
        zipped=gzip.compress(body, 9, mtime=0) if path.suffix in _ZIPPED else None,
        digest=hashlib.sha256(body).hexdigest()[:8],
        media_type=f"{kind}; charset=utf-8" if text else kind,
        mtime_ns=mtime_ns,
    )


FILES: Final = StaticFiles(STATIC_DIR)
url_static = FILES.url


def url_art(code: str) -> str:
    """The address of a demo picture by its code point, as listed in ``static/art.txt``."""
    return url_static(f"built/art/{code}.webp")


@get("/static/{path:path}", sync_to_thread=False, include_in_schema=False)
def serve_static(request: Request[Any, Any, Any]) -> Response[bytes]:
    """GET /static/…: 200 the file (for ever when addressed by its hash), 304, or 404."""
    held = FILES.find(str(request.path_params["path"]).lstrip("/"))
    if held is None:
        return Response(b"", status_code=404, media_type="text/plain")
    etag = f'"{held.digest}"'
    current = request.query_params.get("v") == held.digest
    headers = {
        "cache-control": FOREVER if current else BRIEFLY,
        "etag": etag,
        "vary": "accept-encoding",
        "x-content-type-options": "nosniff",
    }
    if request.headers.get("if-none-match") == etag:
        return Response(b"", status_code=304, headers=headers)
    body = held.body
    if held.zipped is not None and "gzip" in request.headers.get("accept-encoding", ""):
        headers["content-encoding"] = "gzip"
        body = held.zipped
    return Response(body, media_type=held.media_type, headers=headers)


routes = [serve_static]
