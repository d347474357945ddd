"""Leases of node numbers, so that no two processes make the same id.

Owns table ``node_lease``.
"""

import asyncio
import os
import secrets
import signal
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

import structlog

from jishi.db import Pool
from jishi.kit.ids import NODES, IdMaker

log = structlog.get_logger()

LEASE = timedelta(minutes=2)
RENEW_SECONDS = 30

_TAKE = """
WITH free AS (
    SELECT candidate::smallint AS node FROM generate_series(0, $3::int - 1) candidate
    WHERE NOT EXISTS (
        SELECT FROM node_lease WHERE node = candidate AND leased_until > clock_timestamp()
    )
    ORDER BY candidate LIMIT 1
)
INSERT INTO node_lease (node, holder, leased_until)
SELECT node, $1, clock_timestamp() + $2::interval FROM free
ON CONFLICT (node) DO UPDATE SET holder = excluded.holder, leased_until = excluded.leased_until
RETURNING node, last_ms
"""
_RENEW = """
UPDATE node_lease SET leased_until = clock_timestamp() + $3::interval, last_ms = $4
WHERE node = $1 AND holder = $2
"""
_LOCK = "SELECT pg_advisory_xact_lock(hashtext('jishi node lease'))"


def _end_this_process() -> None:
    os.kill(os.getpid(), signal.SIGTERM)


class NodesExhausted(Exception):  # noqa: N818
    """All 256 node numbers are held by running processes."""


class NodeLease:
    """Holds one node number; ``keep`` renews it until cancelled, ``give_back`` ends it."""

    def __init__(self, pool: Pool, node: int, holder: str, after_ms: int) -> None:
        self._pool, self._node, self._holder = pool, node, holder
        self.maker = IdMaker(node, after_ms=after_ms)

    async def keep(
        self,
        *,
        every_seconds: float = RENEW_SECONDS,
        when_lost: Callable[[], None] = _end_this_process,
    ) -> None:
        """Renew until cancelled.

        A process that slept so long that another took its number has to end: both would make the same ids.
        """
        while True:
            await asyncio.sleep(every_seconds)
            try:
                is_held = await self._renew(LEASE)
            except Exception as problem:  # noqa: BLE001 — the database may be restarting
                log.warning("node lease not renewed", node=self._node, problem=str(problem))
                continue
            if not is_held:
                log.error("node lease lost to another process; this one ends", node=self._node)
                return when_lost()

    async def give_back(self) -> None:
        await self._renew(timedelta(0))

    async def _renew(self, lease: timedelta) -> bool:
        """Whether the number is still this process's."""
        done: str = await self._pool.execute(
            _RENEW, self._node, self._holder, lease, self.maker.newest_ms
        )
        return done != "UPDATE 0"


async def lease_node(pool: Pool) -> NodeLease:
    """The lowest free node number. Raises NodesExhausted when all 256 are taken."""
    # Two machines of one image may share host name and process number.
    holder = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(_LOCK)
        row = await connection.fetchrow(_TAKE, holder, LEASE, NODES)
    if row is None:
        raise NodesExhausted
    return NodeLease(pool, row["node"], holder, row["last_ms"])


@asynccontextmanager
async def leased_maker(pool: Pool) -> AsyncIterator[IdMaker]:
    """A maker of ids, its node number kept as long as the block runs. Raises NodesExhausted."""
    lease = await lease_node(pool)
    keeping = asyncio.create_task(lease.keep())
    try:
        yield lease.maker
    finally:
        keeping.cancel()
        await lease.give_back()
