"""Carries news of parcels to shippers until they say 2xx, and keeps the carrier's clock."""

import asyncio
import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

import httpx

from jishi.sandbox import signing
from jishi.sandbox.carrier import desk as desks
from jishi.sandbox.carrier.book import Letter
from jishi.sandbox.carrier.desk import CarrierDesk
from jishi.sandbox.courier import path_of
from jishi.sandbox.rules import may_call, next_try_at

AT_ONCE = 16
TICK_SECONDS = 0.5


@dataclass(slots=True, kw_only=True)
class Postman:
    desk: CarrierDesk
    key: bytes
    clock: Callable[[], datetime]
    client: httpx.AsyncClient
    bell: asyncio.Event
    under_way: set[int] = field(default_factory=set)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)


async def run(postman: Postman) -> None:
    """Deliver what is due until cancelled."""
    while True:
        with suppress(TimeoutError):
            await asyncio.wait_for(postman.bell.wait(), TICK_SECONDS)
        postman.bell.clear()
        now = postman.clock()
        desks.post_due(postman.desk, now=now)
        room = AT_ONCE - len(postman.under_way)
        due = postman.desk.book.list_due_letters(now=now, limit=AT_ONCE) if room > 0 else []
        for letter in [one for one in due if one.id not in postman.under_way][:room]:
            postman.under_way.add(letter.id)
            task = asyncio.create_task(_deliver(postman, letter))
            postman.tasks.add(task)
            task.add_done_callback(postman.tasks.discard)


async def _deliver(postman: Postman, letter: Letter) -> None:
    try:
        status = await _post(postman, letter)
        now, again_at = postman.clock(), None
        if status is None or status // 100 != 2:  # noqa: PLR2004
            again_at = next_try_at(
                tries=letter.tries + 1, first_due_at=letter.first_due_at, now=now
            )
        postman.desk.book.record_try(letter.id, status=status, again_at=again_at)
    finally:
        postman.under_way.discard(letter.id)
        postman.bell.set()


async def _post(postman: Postman, letter: Letter) -> int | None:
    """The status of the answer; None without one."""
    if not may_call(letter.notify_url, postman.desk.allowed):
        return None
    headers = signing.headers_for(
        postman.key,
        method="POST",
        path=path_of(letter.notify_url),
        body=letter.body,
        nonce=secrets.token_hex(16),
        now=postman.clock(),
    )
    headers["content-type"] = "application/json"
    try:
        answer = await postman.client.post(letter.notify_url, content=letter.body, headers=headers)
    except (httpx.HTTPError, httpx.InvalidURL):
        return None
    return answer.status_code


async def stop(postman: Postman, *, within_seconds: float = 3.0) -> None:
    if postman.tasks:
        await asyncio.wait(postman.tasks, timeout=within_seconds)
    await postman.client.aclose()
