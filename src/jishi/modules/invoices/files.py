"""Files of invoices: told apart by their content, kept under its hash, served only as downloads."""

import asyncio
import hashlib
import io
import zipfile
from functools import lru_cache
from pathlib import Path
from typing import Final

import obstore
from litestar.datastructures import UploadFile
from obstore.store import LocalStore, ObjectStore
from PIL import Image, UnidentifiedImageError

from jishi.modules.invoices.types import (
    FILE_BYTES_MAX,
    InvoiceFileMissing,
    InvoiceFileTooLarge,
    InvoiceFileUnknown,
    Kept,
)

PDF, OFD, PNG, JPEG = "application/pdf", "application/ofd", "image/png", "image/jpeg"
SUFFIXES: Final = {PDF: "pdf", OFD: "ofd", PNG: "png", JPEG: "jpg"}
TAIL_BYTES: Final = 2_048  # a PDF ends with its trailer
ENTRIES_MAX: Final = 1_000  # of an OFD package. Source: GB/T 33190-2016, 7: OFD.xml at its root
POINTS_MAX: Final = 40_000_000


class FileStore:
    """Files under the hash of their content. Written once, never changed."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    async def put(self, kept: Kept, content: bytes) -> None:
        await obstore.put_async(self._store, _key(kept.sha256), content)

    async def get(self, sha256: bytes) -> bytes | None:
        """None when the store has lost it."""
        try:
            found = await obstore.get_async(self._store, _key(sha256))
            return bytes(await found.bytes_async())
        except FileNotFoundError:
            return None


@lru_cache(maxsize=8)
def file_store(media_folder: Path) -> FileStore:
    """The store beside the pictures, so that a backup holds it; made when missing."""
    return FileStore(LocalStore(media_folder / "invoices", mkdir=True))


async def keep_upload(store: FileStore, file: UploadFile | None) -> Kept:
    """An uploaded invoice, kept. Raises InvoiceFileMissing, InvoiceFileTooLarge, InvoiceFileUnknown."""
    content = await file.read(FILE_BYTES_MAX + 1) if file else b""
    if not content:
        raise InvoiceFileMissing(field="file")
    if len(content) > FILE_BYTES_MAX:
        raise InvoiceFileTooLarge(field="file")
    media_type = await asyncio.to_thread(type_of, content)
    return await keep(store, content, media_type)


async def keep(store: FileStore, content: bytes, media_type: str) -> Kept:
    kept = Kept(sha256=hashlib.sha256(content).digest(), media_type=media_type, length=len(content))
    await store.put(kept, content)
    return kept


def type_of(content: bytes) -> str:
    """What the bytes are, whatever the file is called. Raises InvoiceFileUnknown."""
    if content.startswith((b"%PDF-1.", b"%PDF-2.")):
        if b"%%EOF" in content[-TAIL_BYTES:]:
            return PDF
    elif content.startswith(b"PK\x03\x04"):
        if _is_ofd(content):
            return OFD
    elif found := _picture(content):
        return found
    raise InvoiceFileUnknown(field="file")


def _is_ofd(content: bytes) -> bool:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            names = package.namelist()
            return len(names) <= ENTRIES_MAX and "OFD.xml" in names
    except (zipfile.BadZipFile, ValueError, OSError):
        return False


def _picture(content: bytes) -> str | None:
    try:
        with Image.open(io.BytesIO(content), formats=("PNG", "JPEG")) as picture:
            if picture.width * picture.height > POINTS_MAX:
                return None
            found = {"PNG": PNG, "JPEG": JPEG}.get(picture.format or "")
            picture.verify()
            return found
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None


def _key(sha256: bytes) -> str:
    digest = sha256.hex()
    return f"{digest[:2]}/{digest}"
