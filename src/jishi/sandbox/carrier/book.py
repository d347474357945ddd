"""The carrier's state in SQLite: rows ↔ values. The only file of it that holds SQL.

Write-ahead logging without a sync per commit, as the sandbox's own book.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from jishi.sandbox.carrier.types import Track, Waybill

_SCHEMA = Path(__file__).with_name("schema.sql")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """One callback on its way."""

    id: int
    notify_url: str
    body: bytes
    first_due_at: datetime
    tries: int


class Book:
    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.row_factory = sqlite3.Row
        self._db.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;")
        self._db.executescript(_SCHEMA.read_text("utf-8"))

    def close(self) -> None:
        self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing. Never held across an await."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def next_serial(self, carrier: str) -> int:
        asked = (
            "INSERT INTO series VALUES (?, 1)"
            " ON CONFLICT (carrier) DO UPDATE SET last = last + 1 RETURNING last"
        )
        return int(self._db.execute(asked, (carrier,)).fetchone()[0])

    def find_by_out_no(self, carrier: str, out_no: str) -> Waybill | None:
        asked = "SELECT * FROM waybill WHERE carrier = ? AND out_no = ?"
        return _waybill(self._db.execute(asked, (carrier, out_no)).fetchone())

    def find_waybill(self, carrier: str, number: str) -> Waybill | None:
        asked = "SELECT * FROM waybill WHERE carrier = ? AND number = ?"
        return _waybill(self._db.execute(asked, (carrier, number)).fetchone())

    def add_waybill(self, waybill: Waybill) -> None:
        it = waybill
        self._db.execute(
            "INSERT INTO waybill VALUES (?, ?, ?, ?, ?, ?)",
            (it.number, it.out_no, it.carrier, it.route, it.cancelled, it.digest),
        )

    def cancel(self, number: str) -> None:
        self._db.execute("UPDATE waybill SET cancelled = 1 WHERE number = ?", (number,))

    def find_track(self, carrier: str, number: str) -> Track | None:
        asked = "SELECT * FROM track WHERE carrier = ? AND number = ?"
        row = self._db.execute(asked, (carrier, number)).fetchone()
        return None if row is None else _track(row)

    def save_track(self, track: Track) -> None:
        it = track
        self._db.execute(
            "INSERT OR REPLACE INTO track VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(it.carrier, it.number, _ms(it.shipped_at), _ms(it.begun_at), it.origin),
                *(it.target, it.notify_url, it.fate.value, it.told),
                _ms(it.next_at) if it.next_at else None,
            ),
        )

    def list_due_tracks(self, *, now: datetime, limit: int) -> list[Track]:
        asked = "SELECT * FROM track WHERE next_at <= ? ORDER BY next_at LIMIT ?"
        return [_track(row) for row in self._db.execute(asked, (_ms(now), limit))]

    def queue(self, notify_url: str, body: bytes, *, now: datetime) -> None:
        asked = "INSERT INTO post (notify_url, body, first_due_at, due_at) VALUES (?, ?, ?, ?)"
        self._db.execute(asked, (notify_url, body, _ms(now), _ms(now)))

    def list_due_letters(self, *, now: datetime, limit: int) -> list[Letter]:
        asked = (
            "SELECT id, notify_url, body, first_due_at, tries FROM post"
            " WHERE state = 'due' AND due_at <= ? ORDER BY due_at, id LIMIT ?"
        )
        return [
            Letter(
                id=row["id"],
                notify_url=row["notify_url"],
                body=row["body"],
                first_due_at=_instant(row["first_due_at"]),
                tries=row["tries"],
            )
            for row in self._db.execute(asked, (_ms(now), limit))
        ]

    def record_try(self, letter_id: int, *, status: int | None, again_at: datetime | None) -> None:
        """``again_at`` None: it arrived (2xx), or it is given up."""
        is_done = status is not None and status // 100 == 2  # noqa: PLR2004
        state = "due" if again_at else "done" if is_done else "given_up"
        self._db.execute(
            "UPDATE post SET state = ?, tries = tries + 1, last_status = ?,"
            " due_at = coalesce(?, due_at) WHERE id = ?",
            (state, status, _ms(again_at) if again_at else None, letter_id),
        )


def _waybill(row: sqlite3.Row | None) -> Waybill | None:
    return None if row is None else Waybill(**dict(row))


def _track(row: sqlite3.Row) -> Track:
    facts: dict[str, Any] = {
        name: _instant(row[name]) if name.endswith("_at") and row[name] is not None else row[name]
        for name in row.keys()  # noqa: SIM118 - a Row iterates over its values
    }
    return msgspec.convert(facts, Track)


def _ms(instant: datetime) -> int:
    return (instant - _EPOCH) // timedelta(milliseconds=1)


def _instant(milliseconds: int) -> datetime:
    return _EPOCH + timedelta(milliseconds=milliseconds)
