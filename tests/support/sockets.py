"""A WebSocket into the application over ASGI, without a network between."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

SOON_SECONDS = 10.0


class Socket:
    """``closed`` is the close code once the server has hung up."""

    def __init__(self) -> None:
        self.to_server: asyncio.Queue[Mapping[str, Any]] = asyncio.Queue()
        self.from_server: asyncio.Queue[Mapping[str, Any]] = asyncio.Queue()
        self.closed: int | None = None

    async def next_event(self) -> Mapping[str, Any]:
        return await asyncio.wait_for(self.from_server.get(), SOON_SECONDS)

    async def hear(self) -> dict[str, Any]:
        """The next signal."""
        event = await self.next_event()
        assert event["type"] == "websocket.send", event
        said: dict[str, Any] = json.loads(event.get("text") or event["bytes"])
        return said


@asynccontextmanager
async def opened(app: Any, path: str = "/ws", **headers: str) -> AsyncIterator[Socket]:
    """The socket, accepted or refused (``closed``); hung up at the end."""
    socket = Socket()
    scope = {
        "type": "websocket",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "scheme": "ws",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(name.encode(), text.encode()) for name, text in headers.items()],
        "client": ("127.0.0.1", 1),
        "server": ("market.test", 80),
        "subprotocols": [],
    }
    task = asyncio.create_task(app(scope, socket.to_server.get, socket.from_server.put))
    await socket.to_server.put({"type": "websocket.connect"})
    first = await socket.next_event()
    if first["type"] == "websocket.close":
        socket.closed = first.get("code", 1000)
    try:
        yield socket
    finally:
        await socket.to_server.put({"type": "websocket.disconnect", "code": 1000})
        await asyncio.wait_for(asyncio.gather(task, return_exceptions=True), SOON_SECONDS)
