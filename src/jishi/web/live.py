"""WebSockets: signals to pages that are open. What a socket hears is decided here, by who it is.

A socket belongs to one signed-in person and hears ``account:<id>`` and ``shop:<id>`` of every shop the
person works for. It is refused from foreign pages, bounded in number and in what it may fall behind.
"""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec
from litestar import WebSocket, websocket
from litestar.exceptions import WebSocketDisconnect

from jishi.web.auth import Identity

AnySocket = WebSocket[Any, Any, Any]

PER_PERSON_MAX: Final = 8  # tabs of one account in one process
BEHIND_MAX: Final = 64  # signals a slow reader may lag; then it is cut off and comes back fresh
BEAT_SECONDS: Final = 25.0  # middle boxes close silent connections after half a minute
IDENTITY_SECONDS: Final = 60.0  # how long an ended session may go on hearing
POLICY, TRY_LATER = 1008, 1013  # close codes of RFC 6455


class Hub:
    """The sockets of this process by what they hear."""

    def __init__(self) -> None:
        self._queues: dict[str, set[asyncio.Queue[bytes | None]]] = defaultdict(set)

    def heard(self, to: Sequence[str], what: Mapping[str, Any]) -> None:
        """Hand a signal to every socket that hears one of ``to``; once each."""
        raw = msgspec.json.encode(what)
        for queue in set().union(*(self._queues.get(topic, ()) for topic in to)):
            behind = queue.qsize()
            if behind <= BEHIND_MAX:  # the last one tells it to go; what comes after is not kept
                queue.put_nowait(raw if behind < BEHIND_MAX else None)

    def join(self, topics: Sequence[str]) -> asyncio.Queue[bytes | None] | None:
        """A queue that hears ``topics``; None when the first of them is heard too often."""
        if len(self._queues.get(topics[0], ())) >= PER_PERSON_MAX:
            return None
        queue: asyncio.Queue[bytes | None] = asyncio.Queue()
        for topic in topics:
            self._queues[topic].add(queue)
        return queue

    def leave(self, topics: Sequence[str], queue: asyncio.Queue[bytes | None]) -> None:
        for topic in topics:
            self._queues[topic].discard(queue)
            if not self._queues[topic]:
                del self._queues[topic]


@websocket("/ws")
async def live(socket: AnySocket) -> None:
    """WS /ws: signals as JSON objects with a ``type``. Closed 1008 for strangers and foreign pages."""
    identity = await socket.app.state.identities.identify(socket)
    if identity is None or not is_own_page(socket):
        await socket.close(code=POLICY)
        return
    topics, hub = topics_of(identity), socket.app.state.live
    queue = hub.join(topics)
    if queue is None:
        await socket.close(code=TRY_LATER)
        return
    try:
        await socket.accept()
        sending = asyncio.create_task(_send(socket, queue, identity))
        try:
            await _until_gone(socket)
        finally:
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)
    finally:
        hub.leave(topics, queue)


def topics_of(identity: Identity) -> list[str]:
    """The person first, then the shops they work for."""
    return [f"account:{identity.account_id}", *(f"shop:{shop}" for shop in sorted(identity.shops))]


def is_own_page(socket: AnySocket) -> bool:
    """Whether the page that opens the socket is ours; programs with a token send no Origin."""
    origin = socket.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == socket.headers.get("host")


async def _until_gone(socket: AnySocket) -> None:
    """What a page says is not listened to; reading finds out that it has gone."""
    with suppress(WebSocketDisconnect):
        while True:
            await socket.receive_data(mode="text")


async def _send(socket: AnySocket, queue: asyncio.Queue[bytes | None], identity: Identity) -> None:
    loop = asyncio.get_running_loop()
    asked_at = loop.time()
    with suppress(WebSocketDisconnect):
        while True:
            try:
                raw = await asyncio.wait_for(queue.get(), BEAT_SECONDS)
            except TimeoutError:
                raw = b'{"type":"beat"}'
            if loop.time() - asked_at >= IDENTITY_SECONDS:
                asked_at = loop.time()
                still = await socket.app.state.identities.identify(socket)
                if still is None or topics_of(still) != topics_of(identity):
                    raw = None  # signed out, or works elsewhere now: come back as who you are
            if raw is None:
                await socket.close(code=TRY_LATER)
                return
            await socket.send_data(raw.decode(), mode="text")


routes = [live]
