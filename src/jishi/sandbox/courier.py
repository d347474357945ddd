"""Carries news to merchants until they say 2xx, and keeps the clock of the sandbox.

What is due lies in the book, so a killed courier goes on where it stopped: a delivery whose answer
was not yet written goes out again, with the same event id.
"""

import asyncio
import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import httpx

from jishi.sandbox import desk as desks
from jishi.sandbox import rules, signing
from jishi.sandbox.book import Delivery, Try
from jishi.sandbox.desk import Desk

AT_ONCE = 32  # deliveries under way
ANSWER_SECONDS = 10.0
TICK_SECONDS = 0.25  # how late a lapse, a refund's end or a retry may be noticed
FORGET_EVERY_TICKS = 240
ERROR_SIGNS = 200
ANSWER_BYTES_MAX = 64 * 1024


@dataclass(slots=True, kw_only=True)
class Courier:
    desk: Desk
    key: bytes
    clock: Callable[[], datetime]
    client: httpx.AsyncClient
    bell: asyncio.Event  # rung when news was queued
    at_each_tick: Callable[[datetime], object] | None = None  # what else goes by this clock
    under_way: set[int] = field(default_factory=set)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)


def open_client() -> httpx.AsyncClient:
    """Follows no redirect and no proxy of the environment: news goes where it may, or nowhere."""
    return httpx.AsyncClient(
        follow_redirects=False,
        trust_env=False,
        timeout=ANSWER_SECONDS,
        limits=httpx.Limits(max_connections=AT_ONCE, max_keepalive_connections=AT_ONCE),
    )


async def run(courier: Courier) -> None:
    """Deliver what is due until cancelled."""
    ticks = 0
    while True:
        with suppress(TimeoutError):
            await asyncio.wait_for(courier.bell.wait(), TICK_SECONDS)
        courier.bell.clear()
        now = courier.clock()
        desks.settle_due(courier.desk, now=now)
        if courier.at_each_tick:
            courier.at_each_tick(now)
        send_due(courier, now=now)
        ticks += 1
        if ticks % FORGET_EVERY_TICKS == 0:
            desks.forget_old(courier.desk, now=now)


def send_due(courier: Courier, *, now: datetime) -> None:
    """Start as many due deliveries as there is room for; each rings the bell when it ends."""
    room = AT_ONCE - len(courier.under_way)
    if room <= 0:
        return
    due = courier.desk.book.list_due(now=now, limit=AT_ONCE)
    for delivery in [one for one in due if one.id not in courier.under_way][:room]:
        courier.under_way.add(delivery.id)
        task = asyncio.create_task(_deliver(courier, delivery))
        courier.tasks.add(task)
        task.add_done_callback(courier.tasks.discard)


async def _deliver(courier: Courier, delivery: Delivery) -> None:
    started = time.monotonic()
    try:
        status, error = await _post(courier, delivery)
        took_ms = int((time.monotonic() - started) * 1000)
        done = outcome(delivery, status=status, error=error, took_ms=took_ms, now=courier.clock())
        courier.desk.book.record_try(done)
    finally:
        courier.under_way.discard(delivery.id)
        courier.bell.set()


async def _post(courier: Courier, delivery: Delivery) -> tuple[int | None, str | None]:
    if not rules.may_call(delivery.notify_url, courier.desk.allowed):
        return None, "the address is no longer allowed"
    path = path_of(delivery.notify_url)
    headers = signing.headers_for(
        courier.key,
        method="POST",
        path=path,
        body=delivery.body,
        nonce=secrets.token_hex(16),
        now=courier.clock(),
    )
    headers["content-type"] = "application/json"
    try:
        async with courier.client.stream(
            "POST", delivery.notify_url, content=delivery.body, headers=headers
        ) as answer:
            await _read_through(answer)
            return answer.status_code, None
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return None, f"{type(error).__name__}: {error}"[:ERROR_SIGNS]


async def _read_through(answer: httpx.Response) -> None:
    """Take the answer's body so that the connection can be used again; too much of it ends that."""
    left = ANSWER_BYTES_MAX
    async for chunk in answer.aiter_raw():
        left -= len(chunk)
        if left < 0:
            return


def path_of(url: str) -> str:
    """What the request line of a call to ``url`` says: path and query."""
    return httpx.URL(url).raw_path.decode("ascii")


def outcome(
    delivery: Delivery, *, status: int | None, error: str | None, took_ms: int, now: datetime
) -> Try:
    """What an attempt means: 2xx ends the delivery, anything else is tried again for a day."""
    again_at: datetime | None = None
    if status is not None and status // 100 == 2:  # noqa: PLR2004 - 2xx
        state = "done"
    else:
        again_at = rules.next_try_at(
            tries=delivery.tries + 1, first_due_at=delivery.first_due_at, now=now
        )
        state = "due" if again_at else "given_up"
    return Try(
        delivery_id=delivery.id,
        at=now,
        took_ms=took_ms,
        status=status,
        error=error,
        state=state,
        again_at=again_at,
    )


STOP_WITHIN = timedelta(seconds=3)


async def stop(courier: Courier) -> None:
    """Let what is under way end, for a moment; what does not is due again at the next start."""
    if courier.tasks:
        await asyncio.wait(courier.tasks, timeout=STOP_WITHIN.total_seconds())
    await courier.client.aclose()
