"""Facts of the past, and those who react to them.

An event is written in the transaction of its change. A listener has its own cursor per cell and
moves it in the transaction of its effect, so effects inside the database happen exactly once. It
reads by (xid, position) below ``pg_snapshot_xmin``: all transactions under that horizon have ended,
so nothing can appear behind a cursor. Source: decision 0003.

Owns tables ``outbox``, ``outbox_cursor`` and ``outbox_parked``.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import Field, dataclass, fields
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final, Protocol

import structlog

from jishi.db import Pool, Row, Tx, load_sql, transaction
from jishi.db.columns import columns

log = structlog.get_logger()

BATCH: Final = 500
RETRY_PAUSES: Final = (
    timedelta(seconds=5),
    timedelta(seconds=30),
    timedelta(minutes=5),
    timedelta(hours=1),
)

_APPEND: Final = """
INSERT INTO outbox (cell, topic, subject_id, payload, occurred_at)
SELECT cell_of(e.subject_id), e.topic, e.subject_id, e.payload, e.at
FROM unnest($1::text[], $2::bigint[], $3::jsonb[], $4::timestamptz[]) e(topic, subject_id, payload, at)
"""
_OPEN: Final = """
INSERT INTO outbox_cursor (cell, listener) SELECT cell, $1 FROM generate_series(0, 255) cell
ON CONFLICT DO NOTHING
"""
_NEXT: Final = load_sql(__package__, "outbox_next")
_MOVE: Final = """
UPDATE outbox_cursor c SET xid = n.xid::text::xid8, position = n.position, moved_at = $4
FROM unnest($2::smallint[], $3::text[], $5::bigint[]) n(cell, xid, position)
WHERE c.listener = $1 AND c.cell = n.cell
"""
_PARK: Final = load_sql(__package__, "outbox_park")
_DUE: Final = """
SELECT cell, position, topic, subject_id, payload, occurred_at, attempts FROM outbox_parked
WHERE listener = $1 AND done_at IS NULL AND retry_at <= $2
ORDER BY retry_at LIMIT 20 FOR UPDATE SKIP LOCKED
"""
_UNPARK: Final = """
UPDATE outbox_parked SET done_at = $4 WHERE cell = $1 AND listener = $2 AND position = $3
"""


class Announced(Protocol):
    """A frozen dataclass with a topic, the id it is about and when it happened."""

    topic: ClassVar[str]
    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]

    @property
    def subject_id(self) -> int: ...
    @property
    def occurred_at(self) -> datetime: ...


@dataclass(frozen=True, slots=True)
class Event:
    """One event as a listener sees it. Ids in ``payload`` are decimal strings."""

    position: int
    topic: str
    subject_id: int
    payload: Mapping[str, Any]
    occurred_at: datetime


Handle = Callable[[Tx, Sequence[Event], datetime], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Listener:
    """``handle(tx, events, now)`` gets up to 500 events of its topics, in order within a cell.

    ``delay``: events younger than this wait; for listeners that finish what others may still do.
    """

    name: str
    topics: frozenset[str]
    handle: Handle
    delay: timedelta | None = None


async def append(tx: Tx, events: Sequence[Announced]) -> None:
    """Write events in the transaction of their change; a dataclass's other fields are payload."""
    rows = [(event.topic, event.subject_id, _payload(event), event.occurred_at) for event in events]
    if rows:
        await tx.execute(_APPEND, *columns(rows))


def _payload(event: Announced) -> dict[str, Any]:
    values = {field.name: getattr(event, field.name) for field in fields(event)}
    values.pop("occurred_at")
    return {k: str(v) if k.endswith("_id") and v is not None else v for k, v in values.items()}


async def open_listener(pool: Pool, listener: Listener) -> None:
    """Give a listener its cursors; a new one hears everything that is still kept."""
    await pool.execute(_OPEN, listener.name)


async def deliver(pool: Pool, listener: Listener, *, now: datetime) -> int:
    """Hand one batch to a listener; how many events its cursors passed. 0: nothing new.

    When the batch fails, its events are tried one by one and those that fail again are parked.
    """
    async with transaction(pool) as tx:
        before = now - listener.delay if listener.delay else None
        rows = await tx.fetch(_NEXT, listener.name, BATCH, list(listener.topics), before)
        heard = [row for row in rows if row["topic"] in listener.topics]
        events = [_event(row) for row in heard]
        if events:
            try:
                async with tx.transaction():
                    await listener.handle(tx, events, now)
            except Exception as problem:  # noqa: BLE001 — a listener's fault must not stop the rest
                log.warning("listener failed", listener=listener.name, problem=str(problem))
                await _one_by_one(tx, listener, heard, now)
        await _move(tx, listener, rows, now)
    return rows[0]["passed"] if rows else 0


async def _one_by_one(tx: Tx, listener: Listener, rows: Sequence[Row], now: datetime) -> None:
    for row in rows:
        try:
            async with tx.transaction():
                await listener.handle(tx, [_event(row)], now)
        except Exception as problem:  # noqa: BLE001 — kept with its error for the operator
            await _park(tx, listener, row, 1, problem, now)


async def retry_parked(pool: Pool, listener: Listener, *, now: datetime) -> int:
    """Try parked events again whose pause is over; how many succeeded."""
    done = 0
    async with transaction(pool) as tx:
        for row in await tx.fetch(_DUE, listener.name, now):
            try:
                async with tx.transaction():
                    await listener.handle(tx, [_event(row)], now)
            except Exception as problem:  # noqa: BLE001 — stays parked
                await _park(tx, listener, row, row["attempts"] + 1, problem, now)
            else:
                await tx.execute(_UNPARK, row["cell"], listener.name, row["position"], now)
                done += 1
    return done


async def _park(
    tx: Tx, listener: Listener, row: Row, attempts: int, problem: Exception, now: datetime
) -> None:
    pause = RETRY_PAUSES[attempts - 1] if attempts <= len(RETRY_PAUSES) else None
    await tx.execute(
        _PARK,
        listener.name,
        row["cell"],
        row["position"],
        row["topic"],
        row["subject_id"],
        row["payload"],
        row["occurred_at"],
        attempts,
        f"{type(problem).__name__}: {problem}"[:2000],
        now + pause if pause else None,
        now,
    )


async def _move(tx: Tx, listener: Listener, rows: Sequence[Row], now: datetime) -> None:
    newest: dict[int, Row] = {row["cell"]: row for row in rows if row["is_last"]}
    if newest:
        await tx.execute(
            _MOVE,
            listener.name,
            list(newest),
            [str(row["xid"]) for row in newest.values()],
            now,
            [row["position"] for row in newest.values()],
        )


def _event(row: Row) -> Event:
    return Event(
        position=row["position"],
        topic=row["topic"],
        subject_id=row["subject_id"],
        payload=row["payload"],
        occurred_at=row["occurred_at"],
    )
