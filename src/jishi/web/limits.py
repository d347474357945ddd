"""How often something may be tried: buckets of tokens that fill up again.

Buckets everyone shares (sign-in, codes) stand in PostgreSQL, so that they hold over all processes;
the bucket of a session's API calls is in this process, so that it costs nothing. The setting
``limit_factor`` widens all of them; 0 switches them off. Owns table ``rate_bucket``.
"""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2s
from math import ceil
from time import monotonic
from typing import Any, Final

from jishi.db import Pool, Tx, load_sql
from jishi.kit.errors import Kind, Refusal
from jishi.kit.ids import cell_for
from jishi.web.request import AnyRequest, now, pool

ROW_LIMIT: Final = 10_000  # rows forgotten at once
_TAKE: Final = load_sql(__package__, "take_tokens")
_FORGET: Final = """
DELETE FROM rate_bucket WHERE (cell, key) IN (
    SELECT cell, key FROM rate_bucket WHERE free_at < $1 LIMIT $2)
"""


class Limited(Refusal):
    kind, code = Kind.LIMITED, "limited"
    text = "Too many tries in a short time. Wait {retry_seconds} seconds, then try again."


@dataclass(frozen=True, slots=True)
class Limit:
    """``times`` at once, coming back evenly within ``per``."""

    name: str
    times: int
    per: timedelta

    def gap(self, factor: int) -> timedelta:
        """How long one token takes to come back."""
        return self.per / (self.times * factor)

    def slack(self, factor: int) -> timedelta:
        """How far ahead the bucket may be drawn: ``times × factor`` tokens at once."""
        return self.gap(factor) * (self.times * factor)


def next_free(
    free_at: datetime | None, gap: timedelta, slack: timedelta, *, now: datetime
) -> datetime | None:
    """When the bucket is full again after taking one token now; None when it is empty."""
    free = max(free_at or now, now) + gap
    return free if free <= now + slack else None


async def spend(request: AnyRequest, *spent: tuple[Limit, str]) -> None:
    """Take one token for each (limit, whom). Raises Limited with ``retry_seconds``.

    Runs in a transaction of its own: a try counts whatever becomes of it.
    """
    await take(pool(request), spent, now=now(request), factor=factor_of(request))


async def take(
    pool: Pool, spent: Sequence[tuple[Limit, str]], *, now: datetime, factor: int = 1
) -> None:
    """As ``spend``. Raises Limited for the longest wait among the empty buckets."""
    if factor <= 0 or not spent:
        return
    rows = [
        (bucket_key(limit, whom), limit.gap(factor), limit.slack(factor)) for limit, whom in spent
    ]
    keys, gaps, slacks = (list(column) for column in zip(*rows, strict=True))
    cells = [cell_for(key) for key in keys]
    async with pool.acquire() as connection:
        empty = await connection.fetch(_TAKE, cells, keys, gaps, slacks, now)
    if empty:
        wait = max(row["retry_at"] for row in empty) - now
        raise Limited(retry_seconds=max(1, ceil(wait.total_seconds())))


def bucket_key(limit: Limit, whom: str) -> str:
    """Names and addresses are kept as digests only."""
    return f"{limit.name}:{blake2s(whom.encode(), digest_size=12).hexdigest()}"


async def forget_old(tx: Tx, *, now: datetime) -> int:
    """Delete buckets that have been full for a day, up to 10,000; how many."""
    done: str = await tx.execute(_FORGET, now - timedelta(days=1), ROW_LIMIT)
    return int(done.rsplit(maxsplit=1)[-1])


def factor_of(request: AnyRequest) -> int:
    return int(getattr(getattr(request.app.state, "settings", None), "limit_factor", 1))


def client_address(request: AnyRequest) -> str:
    """Whom to count by: the IPv4 address, or the /64 network of an IPv6 one.

    Behind ``trusted_proxies`` proxies it is what the outermost of them wrote.
    """
    settings = getattr(request.app.state, "settings", None)
    behind = int(getattr(settings, "trusted_proxies", 0))
    seen = request.client.host if request.client else ""
    if behind:
        passed = request.headers.get("x-forwarded-for", "").split(",")
        seen = passed[-behind].strip() if len(passed) >= behind else seen
    return network_of(seen)


def network_of(address: str) -> str:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv6Address):
        mapped = parsed.ipv4_mapped
        return str(mapped or ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)


class SessionPace:
    """One bucket per session in this process; asks cost about a microsecond."""

    def __init__(
        self, *, per_second: int = 20, burst: int = 100, sessions_max: int = 20_000
    ) -> None:
        self._gap = 1 / per_second
        self._slack = burst / per_second
        self._max = sessions_max
        self._free: dict[Any, float] = {}

    def take(self, whom: Any, *, factor: int = 1) -> None:
        """Raises Limited when ``whom`` has used up the bucket."""
        if factor <= 0:
            return
        at = monotonic()
        free = max(self._free.get(whom, at), at) + self._gap / factor
        if free > at + self._slack:
            raise Limited(retry_seconds=max(1, ceil(free - at - self._slack)))
        if len(self._free) >= self._max:
            self._free = {key: until for key, until in self._free.items() if until > at}
            if len(self._free) >= self._max:
                self._free.clear()
        self._free[whom] = free


API_WRITES: Final = SessionPace()
