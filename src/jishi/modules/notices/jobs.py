"""Timed work: sending what a crash left unsent, forgetting what is old."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Final

import httpx
import structlog

from jishi.db import Pool, tasks, transaction
from jishi.db.context import Context
from jishi.db.jobs import Job
from jishi.modules.notices import service, storage, words
from jishi.modules.notices.provider import TIMEOUT_SECONDS, Transport, transports
from jishi.modules.notices.types import SEND, SEND_BATCH, SEND_PAUSES, Channel, Outgoing
from jishi.web.shown import Market

log = structlog.get_logger()
CLAIMED_FOR: Final = timedelta(seconds=TIMEOUT_SECONDS * SEND_BATCH)  # if this process dies


def make_jobs(context: Context) -> list[Job]:
    send = sender(context)

    async def forget(now: datetime) -> int:
        async with transaction(context.pool) as tx:
            return await service.forget_old(tx, now=now)

    return [
        Job("notices.send", timedelta(minutes=1), send),  # else tasks.py has done it
        Job("notices.forget", timedelta(minutes=10), forget),
    ]


def sender(context: Context) -> Callable[[datetime], Awaitable[int]]:
    """``send_outgoing`` with the carriers of the settings."""
    carriers = transports(context.settings)
    market = Market(currency=context.settings.currency)

    async def send(now: datetime) -> int:
        return await send_outgoing(context.pool, carriers, market, now=now)

    return send


async def send_outgoing(
    pool: Pool, carriers: dict[Channel, Transport], market: Market, *, now: datetime
) -> int:
    """Claim one batch, carry each message, note how it went; how many were claimed.

    A message whose carrier fails is tried again after growing pauses, then given up.
    """
    async with transaction(pool) as tx:
        claimed = await storage.claim_due(tx, now=now, limit=SEND_BATCH, pause=CLAIMED_FOR)
    for message in claimed:
        problem = await _carry(carriers[message.channel], message, market)
        async with transaction(pool) as tx:
            if problem is None:
                await storage.save_sent(tx, message, now=now)
            else:
                retry_at = next_try(message.attempts, now=now)
                await storage.save_failed(tx, message, problem=problem, retry_at=retry_at)
                if retry_at:
                    await tasks.defer(tx, SEND, {}, at=retry_at)
    return len(claimed)


def next_try(attempts: int, *, now: datetime) -> datetime | None:
    """When to try again after so many tries; None: give up."""
    return now + SEND_PAUSES[attempts - 1] if attempts <= len(SEND_PAUSES) else None


async def _carry(carrier: Transport, message: Outgoing, market: Market) -> str | None:
    said = words.shown(message.kind, message.facts, message.locale, market)
    try:
        await carrier.carry(message, said)
    except (OSError, httpx.HTTPError) as problem:
        log.warning("message not sent", key=message.key, attempts=message.attempts)
        return f"{type(problem).__name__}: {problem}"
    return None
