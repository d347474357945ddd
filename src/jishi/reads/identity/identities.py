"""Identities by session token, kept for seconds, so that a hot call asks the database nothing.

What changes is forgotten in every process through NOTIFY; the short life bounds what a lost
notification can do. A token that signs in nobody is remembered as well.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from time import monotonic
from typing import Any, Final

import asyncpg
import structlog

from jishi import db
from jishi.db import Pool
from jishi.kit.ids import AccountId
from jishi.modules import accounts
from jishi.reads.identity.queries import Figures, Found, figures_of, find_identity
from jishi.web.auth import Connection, Identity
from jishi.web.csrf import session_token
from jishi.web.request import AnyRequest, signed_in

log = structlog.get_logger()

CHANNELS: Final = ("session_ended", "identity_changed")
RECONNECT_SECONDS: Final = 1.0
Key = tuple[bytes, bool]  # hash of the token, whether it came as a bearer token


@dataclass(slots=True)
class _Held:
    identity: Identity | None
    fresh_until: float  # of time.monotonic


class Identities:
    """``identify`` for the guard, with its cache; one per process, for one event loop."""

    def __init__(
        self,
        pool: Pool,
        *,
        ttl_seconds: float = 5.0,
        held_max: int = 50_000,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._pool = pool
        self._ttl = ttl_seconds
        self._max = held_max
        self._clock = clock
        self._held: dict[Key, _Held] = {}
        self._keys: dict[AccountId, set[Key]] = {}
        self._loading: dict[Key, asyncio.Task[Identity | None]] = {}
        self._drops = 0  # a load that began before a drop must not be kept after it

    async def identify(self, connection: Connection) -> Identity | None:
        """Who holds the session of this connection; None for a visitor."""
        token, by_token = session_token(connection)
        if not token:
            return None
        key = (sha256(token.encode()).digest(), by_token)
        held = self._held.get(key)
        if held is not None and held.fresh_until > monotonic():
            return held.identity
        task = self._loading.get(key)
        if task is None:
            task = self._loading[key] = asyncio.create_task(self._load(key, token))
            task.add_done_callback(lambda _: self._loading.pop(key, None))
        return await asyncio.shield(task)

    async def figures(self, request: AnyRequest) -> Figures:
        """What waits for the person asking; for their own pages."""
        async with db.reading(self._pool) as tx:
            return await figures_of(tx, signed_in(request))

    async def _load(self, key: Key, token: str) -> Identity | None:
        drops = self._drops
        found = await self._find(key, token)
        identity = found.identity if found else None
        if drops == self._drops:
            self._keep(key, identity)
        return identity

    async def _find(self, key: Key, token: str) -> Found | None:
        place = accounts.locate_session(token)
        if place is None:
            return None
        now = self._clock()
        async with db.reading(self._pool) as tx:
            found = await find_identity(tx, *place, by_token=key[1], now=now)
            if found and now - found.used_at >= accounts.USE_NOTED_EVERY:
                who = found.identity
                await accounts.note_use(tx, who.account_id, who.session_id, now=now)
        return found

    def _keep(self, key: Key, identity: Identity | None) -> None:
        if len(self._held) >= self._max:
            self._make_room()
        self._held[key] = _Held(identity, monotonic() + self._ttl)
        if identity is not None:
            self._keys.setdefault(identity.account_id, set()).add(key)

    def _make_room(self) -> None:
        at = monotonic()
        stale = [key for key, held in self._held.items() if held.fresh_until <= at]
        for key in stale or list(self._held)[: self._max // 2]:
            self._remove(key)

    def _remove(self, key: Key) -> None:
        held = self._held.pop(key, None)
        if held is not None and held.identity is not None:
            keys = self._keys.get(held.identity.account_id, set())
            keys.discard(key)
            if not keys:
                self._keys.pop(held.identity.account_id, None)

    def drop(self, account_id: AccountId) -> None:
        """Forget all sessions of an account; the next request asks the database."""
        self._drops += 1
        for key in list(self._keys.get(account_id, ())):
            self._remove(key)

    def drop_all(self) -> None:
        self._drops += 1
        self._held.clear()
        self._keys.clear()

    async def follow(self, dsn: str) -> None:
        """Listen for what other processes change, until cancelled; reconnects by itself."""
        while True:
            try:
                await self._listen(dsn)
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as problem:
                log.warning("identities: not listening", problem=str(problem))
            self.drop_all()
            await asyncio.sleep(RECONNECT_SECONDS)

    async def _listen(self, dsn: str) -> None:
        connection: Any = await asyncpg.connect(
            dsn, server_settings={"application_name": "jishi identities"}
        )
        gone = asyncio.Event()
        try:
            connection.add_termination_listener(lambda _: gone.set())
            for channel in CHANNELS:
                await connection.add_listener(channel, self._heard)
            self.drop_all()
            await gone.wait()
        finally:
            with suppress(Exception):
                await asyncio.shield(connection.close(timeout=2))

    def _heard(self, _connection: Any, _pid: int, _channel: str, payload: str) -> None:
        with suppress(ValueError):
            self.drop(AccountId(int(payload)))
