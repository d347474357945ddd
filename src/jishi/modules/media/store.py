"""Where the bytes lie: a folder by default, an S3 bucket by setting; the same calls on both."""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import obstore
from obstore.store import LocalStore, ObjectStore


class MediaStore:
    """Encoded pictures under the hash of what was uploaded. Written once, never changed."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    async def put(self, sha256: bytes, encoded: Mapping[int, bytes]) -> None:
        """Keep every size. Writing the same picture twice leaves one."""
        for size, content in encoded.items():
            await obstore.put_async(self._store, _key(sha256, size), content)

    async def get(self, sha256: bytes, size: int) -> bytes | None:
        """The WebP file; None when the store has lost it."""
        try:
            found = await obstore.get_async(self._store, _key(sha256, size))
            return bytes(await found.bytes_async())
        except FileNotFoundError:
            return None


def _key(sha256: bytes, size: int) -> str:
    digest = sha256.hex()
    return f"{digest[:2]}/{digest}/{size}.webp"


@lru_cache(maxsize=8)
def local_store(folder: Path) -> MediaStore:
    """The store in a folder, made when missing; one per folder and process."""
    return MediaStore(LocalStore(folder, mkdir=True))
