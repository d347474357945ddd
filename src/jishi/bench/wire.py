"""A small HTTP/1.1 client for load: keep-alive, one request at a time per connection, no frills.

A full client library would take most of the two cores for itself.
"""

import asyncio
from collections.abc import Mapping
from typing import Final, Self

HEAD_END: Final = b"\r\n\r\n"
LENGTH: Final = b"content-length:"


class Connection:
    """One kept-alive connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def open(cls, host: str, port: int) -> Self:
        return cls(*await asyncio.open_connection(host, port))

    async def get(self, path: str, headers: Mapping[str, str]) -> tuple[int, bytes]:
        return await self._ask("GET", path, headers, b"")

    async def post(self, path: str, headers: Mapping[str, str], body: bytes) -> tuple[int, bytes]:
        """Status and body. Raises ConnectionError, asyncio.IncompleteReadError."""
        return await self._ask("POST", path, headers, body)

    async def _ask(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, bytes]:
        head = (
            f"{method} {path} HTTP/1.1\r\nhost: bench\r\ncontent-length: {len(body)}\r\n"
            + "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        )
        self._writer.write(head.encode() + b"\r\n" + body)
        answer = await self._reader.readuntil(HEAD_END)
        length = _length(answer)
        content = await self._reader.readexactly(length) if length else b""
        return int(answer[9:12]), content

    def close(self) -> None:
        self._writer.close()


def _length(head: bytes) -> int:
    at = head.lower().find(LENGTH)
    if at < 0:
        return 0
    start = at + len(LENGTH)
    return int(head[start : head.index(b"\r", start)])
