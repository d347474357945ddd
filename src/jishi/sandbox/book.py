"""The sandbox's state in SQLite: rows ↔ values. The only file that holds SQL.

Write-ahead logging without a sync per commit: what was answered survives the death of the process
(not a power cut, which this stand-in need not survive). Calls take microseconds and run on the
event loop; every list is bounded by the caller.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from jishi.sandbox.types import Payment, Refund, Sending

_SCHEMA = Path(__file__).with_name("schema.sql")
_VERSION = 1  # of schema.sql
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_T = TypeVar("_T", bound=msgspec.Struct)


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    id: int
    event_id: str
    event: str
    out_trade_no: str
    notify_url: str
    body: bytes
    state: str  # due · done · given_up
    first_due_at: datetime
    due_at: datetime
    tries: int
    last_try_at: datetime | None
    last_status: int | None
    last_error: str | None
    last_ms: int | None


class Try(msgspec.Struct, frozen=True, kw_only=True):
    """How one attempt at a delivery went. ``again_at`` is None when it was the last."""

    delivery_id: int
    at: datetime
    took_ms: int
    status: int | None
    error: str | None
    state: str
    again_at: datetime | None


class OtherVersion(sqlite3.DatabaseError):
    """The state on disk has another shape than this program's."""


class Book:
    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, isolation_level=None, cached_statements=64)
        self._db.row_factory = sqlite3.Row
        self._db.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;")
        version = self._db.execute("PRAGMA user_version").fetchone()[0]
        if version not in (0, _VERSION):
            raise OtherVersion(f"{path} was written by another version of the sandbox")
        self._db.executescript(_SCHEMA.read_text("utf-8"))
        self._db.execute(f"PRAGMA user_version = {_VERSION}")

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

    def use_nonce(self, nonce: str, *, now: datetime) -> bool:
        """Whether the nonce is used for the first time; from now on it is used."""
        asked = "INSERT INTO nonce VALUES (?, ?) ON CONFLICT DO NOTHING"
        return self._db.execute(asked, (nonce, _ms(now))).rowcount == 1

    def add_payment(self, payment: Payment) -> None:
        row = _row(payment)
        names, marks = ", ".join(row), ", ".join(f":{name}" for name in row)
        self._db.execute(f"INSERT INTO payment ({names}) VALUES ({marks})", row)

    def find_payment(self, out_trade_no: str) -> Payment | None:
        asked = "SELECT * FROM payment WHERE out_trade_no = ?"
        return _one(self._db.execute(asked, (out_trade_no,)), Payment)

    def find_payment_by_trade_no(self, trade_no: str) -> Payment | None:
        asked = "SELECT * FROM payment WHERE trade_no = ?"
        return _one(self._db.execute(asked, (trade_no,)), Payment)

    def save_payment(self, payment: Payment) -> None:
        self._db.execute(
            "UPDATE payment SET notify_url = :notify_url, return_url = :return_url,"
            " state = :state, paid_at = :paid_at, closed_at = :closed_at,"
            " method = :method, refund_behaviour = :refund_behaviour,"
            " refunded_minor = :refunded_minor WHERE trade_no = :trade_no",
            _row(payment),
        )

    def list_lapsed(self, *, now: datetime, limit: int) -> list[Payment]:
        asked = (
            "SELECT * FROM payment WHERE state = 'open' AND expires_at <= ?"
            " ORDER BY expires_at LIMIT ?"
        )
        return _all(self._db.execute(asked, (_ms(now), limit)), Payment)

    def add_refund(self, refund: Refund, *, ends_at: datetime) -> None:
        row = _row(refund) | {"ends_at": _ms(ends_at)}
        names, marks = ", ".join(row), ", ".join(f":{name}" for name in row)
        self._db.execute(f"INSERT INTO refund ({names}) VALUES ({marks})", row)

    def find_refund(self, out_refund_no: str) -> Refund | None:
        asked = "SELECT * FROM refund WHERE out_refund_no = ?"
        return _one(self._db.execute(asked, (out_refund_no,)), Refund)

    def save_refund(self, refund: Refund, *, ends_at: datetime | None = None) -> None:
        """``ends_at`` is given when the refund is under way again."""
        self._db.execute(
            "UPDATE refund SET state = :state, asked_at = :asked_at, ended_at = :ended_at,"
            " tries = :tries, ends_at = coalesce(:ends_at, ends_at) WHERE refund_no = :refund_no",
            _row(refund) | {"ends_at": _ms(ends_at) if ends_at else None},
        )

    def list_ending_refunds(self, *, now: datetime, limit: int) -> list[Refund]:
        asked = (
            "SELECT * FROM refund WHERE state = 'pending' AND ends_at <= ? ORDER BY ends_at LIMIT ?"
        )
        return _all(self._db.execute(asked, (_ms(now), limit)), Refund)

    def queue(self, sendings: Iterable[Sending]) -> None:
        self._db.executemany(
            "INSERT INTO delivery"
            " (event_id, event, out_trade_no, notify_url, body, first_due_at, due_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                (
                    *(s.news.id, s.news.event, s.news.subject, s.notify_url),
                    *(msgspec.json.encode(s.news), _ms(s.due_at), _ms(s.due_at)),
                )
                for s in sendings
            ],
        )

    def list_due(self, *, now: datetime, limit: int) -> list[Delivery]:
        asked = (
            "SELECT * FROM delivery WHERE state = 'due' AND due_at <= ? ORDER BY due_at, id LIMIT ?"
        )
        return _all(self._db.execute(asked, (_ms(now), limit)), Delivery)

    def record_try(self, done: Try) -> None:
        self._db.execute(
            "UPDATE delivery SET state = ?, tries = tries + 1, last_try_at = ?, last_status = ?,"
            " last_error = ?, last_ms = ?, due_at = coalesce(?, due_at) WHERE id = ?",
            (
                *(done.state, _ms(done.at), done.status, done.error, done.took_ms),
                *(_ms(done.again_at) if done.again_at else None, done.delivery_id),
            ),
        )

    def list_deliveries(
        self, *, before_id: int, limit: int, out_trade_no: str | None = None
    ) -> list[Delivery]:
        """Newest first, below ``before_id``."""
        asked = (
            "SELECT * FROM delivery WHERE id < ? AND (? IS NULL OR out_trade_no = ?)"
            " ORDER BY id DESC LIMIT ?"
        )
        given = (before_id, out_trade_no, out_trade_no, limit)
        return _all(self._db.execute(asked, given), Delivery)

    def each_movement(self, start: datetime, end: datetime) -> Iterator[sqlite3.Row]:
        """Money in and out from ``start`` up to ``end``, in order of time."""
        asked = (
            "SELECT 'payment' AS kind, out_trade_no, trade_no, '' AS out_refund_no,"
            " '' AS refund_no, amount_minor, currency, paid_at AS at FROM payment"
            " WHERE state = 'paid' AND paid_at >= :start AND paid_at < :end"
            " UNION ALL SELECT 'refund', r.out_trade_no, p.trade_no, r.out_refund_no, r.refund_no,"
            " -r.amount_minor, r.currency, r.ended_at FROM refund r JOIN payment p"
            " USING (out_trade_no)"
            " WHERE r.state = 'succeeded' AND r.ended_at >= :start AND r.ended_at < :end"
            " ORDER BY at, out_trade_no"
        )
        yield from self._db.execute(asked, {"start": _ms(start), "end": _ms(end)})

    def forget(self, *, nonces_before: datetime, deliveries_before: datetime) -> None:
        """Drop used nonces and ended deliveries that are old enough, some at a time."""
        self._db.execute(
            "DELETE FROM nonce WHERE nonce IN"
            " (SELECT nonce FROM nonce WHERE used_at < ? LIMIT 10000)",
            (_ms(nonces_before),),
        )
        self._db.execute(
            "DELETE FROM delivery WHERE id IN (SELECT id FROM delivery"
            " WHERE state <> 'due' AND last_try_at < ? LIMIT 10000)",
            (_ms(deliveries_before),),
        )


def instant_of(milliseconds: int) -> datetime:
    """The instant a column of the book holds."""
    return _instant(milliseconds)


def _ms(instant: datetime) -> int:
    return (instant - _EPOCH) // timedelta(milliseconds=1)


def _instant(milliseconds: int) -> datetime:
    return _EPOCH + timedelta(milliseconds=milliseconds)


def _row(value: msgspec.Struct) -> dict[str, Any]:
    row = msgspec.structs.asdict(value)
    return {k: _ms(v) if isinstance(v, datetime) else v for k, v in row.items()}


def _one(cursor: sqlite3.Cursor, shape: type[_T]) -> _T | None:
    row = cursor.fetchone()
    return None if row is None else _value(row, shape)


def _all(cursor: sqlite3.Cursor, shape: type[_T]) -> list[_T]:
    return [_value(row, shape) for row in cursor]


def _value(row: sqlite3.Row, shape: type[_T]) -> _T:
    facts = {
        name: _instant(row[name]) if name.endswith("_at") and row[name] is not None else row[name]
        for name in row.keys()  # noqa: SIM118 - a Row iterates over its values
    }
    return msgspec.convert(facts, shape)
