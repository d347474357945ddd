"""Signals to people who are looking right now: NOTIFY at commit, heard by every web process.

A signal says that something changed, never what: whoever hears it asks again through the usual
doors. One that is lost costs a late refresh and nothing else. Owns no table.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

import asyncpg
import msgspec
import structlog

from jishi.db import Tx

log = structlog.get_logger()

CHANNEL: Final = "jishi_live"
BYTES_MAX: Final = 7_900  # of one NOTIFY
RECONNECT_SECONDS: Final = 1.0
Heard = Callable[[Sequence[str], Mapping[str, Any]], None]


async def tell(tx: Tx, to: Sequence[str], what: Mapping[str, object]) -> None:
    """Signal ``what`` to topics such as ``account:7`` when ``tx`` commits."""
    payload = msgspec.json.encode([to, what]).decode()
    assert len(payload) < BYTES_MAX, "a signal says that something changed, not what"
    await tx.execute("SELECT pg_notify($1, $2)", CHANNEL, payload)


async def follow(dsn: str, heard: Heard) -> None:
    """Give ``heard`` every signal until cancelled; reconnects by itself."""
    while True:
        try:
            await _listen(dsn, heard)
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as problem:
            log.warning("live: not listening", problem=str(problem))
        await asyncio.sleep(RECONNECT_SECONDS)


async def _listen(dsn: str, heard: Heard) -> None:
    def take(_connection: Any, _pid: int, _channel: str, payload: str) -> None:
        to, what = msgspec.json.decode(payload)
        heard(to, what)

    connection: Any = await asyncpg.connect(dsn, server_settings={"application_name": "jishi live"})
    gone = asyncio.Event()
    try:
        connection.add_termination_listener(lambda _: gone.set())
        await connection.add_listener(CHANNEL, take)
        await gone.wait()
    finally:
        with suppress(Exception):
            await asyncio.shield(connection.close(timeout=2))
