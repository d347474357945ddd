"""The bank's state in SQLite: accounts under test, transfers. A file of its own; never an account's number.

As in ``book``: calls take microseconds and run on the event loop.
"""

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_VERSION = 2
# From the version that is the key to the next one.
_UPGRADES = {
    1: """
ALTER TABLE transfer ADD COLUMN notify_url TEXT NOT NULL DEFAULT '';
ALTER TABLE transfer ADD COLUMN returns_at INTEGER;
ALTER TABLE transfer ADD COLUMN returned_at INTEGER;
PRAGMA user_version = 2;
""",
}
_SCHEMA = """
PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
CREATE TABLE IF NOT EXISTS account (
    out_account_no TEXT PRIMARY KEY,
    holder TEXT NOT NULL, bank TEXT NOT NULL, last4 TEXT NOT NULL, currency TEXT NOT NULL,
    deposit_minor INTEGER NOT NULL CHECK (deposit_minor BETWEEN 1 AND 99),
    state TEXT NOT NULL CHECK (state IN ('testing', 'verified', 'locked')),
    tries INTEGER NOT NULL DEFAULT 0, tested_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS account_newest ON account (tested_at DESC);
CREATE TABLE IF NOT EXISTS transfer (
    out_transfer_no TEXT PRIMARY KEY,
    transfer_no TEXT NOT NULL UNIQUE,
    holder TEXT NOT NULL, bank TEXT NOT NULL, last4 TEXT NOT NULL,
    amount_minor INTEGER NOT NULL CHECK (amount_minor > 0), currency TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'succeeded', 'failed')),
    why TEXT NOT NULL DEFAULT '', ends_as TEXT NOT NULL,
    asks INTEGER NOT NULL DEFAULT 1,
    asked_at INTEGER NOT NULL, ends_at INTEGER NOT NULL, ended_at INTEGER,
    notify_url TEXT NOT NULL DEFAULT '', returns_at INTEGER, returned_at INTEGER
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS transfer_newest ON transfer (asked_at DESC);
CREATE INDEX IF NOT EXISTS transfer_by_day ON transfer (ended_at) WHERE state = 'succeeded';
CREATE INDEX IF NOT EXISTS transfer_returning ON transfer (returns_at)
    WHERE returns_at IS NOT NULL AND returned_at IS NULL;
CREATE TABLE IF NOT EXISTS lost (out_transfer_no TEXT PRIMARY KEY) WITHOUT ROWID;
"""


class Account(msgspec.Struct, frozen=True, kw_only=True):
    out_account_no: str
    holder: str
    bank: str
    last4: str
    currency: str
    deposit_minor: int
    state: str
    tries: int
    tested_at: datetime


class Transfer(msgspec.Struct, frozen=True, kw_only=True):
    """``asks`` counts how often it was asked for: once is all that ever moves.

    ``returns_at``: when the receiving bank sends it back after it had succeeded, if it will.
    """

    out_transfer_no: str
    transfer_no: str
    holder: str
    bank: str
    last4: str
    amount_minor: int
    currency: str
    state: str
    why: str
    ends_as: str
    asks: int
    asked_at: datetime
    ends_at: datetime
    ended_at: datetime | None
    notify_url: str = ""  # where a return is told; empty: nowhere
    returns_at: datetime | None = None
    returned_at: datetime | None = None

    @property
    def shown_state(self) -> str:
        """pending · succeeded · failed · returned (it had succeeded, and came back)."""
        return "returned" if self.returned_at else self.state


class BankBook:
    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.row_factory = sqlite3.Row
        version = self._db.execute("PRAGMA user_version").fetchone()[0]
        while version in _UPGRADES:
            self._db.executescript(f"BEGIN; {_UPGRADES[version]} COMMIT;")
            version = self._db.execute("PRAGMA user_version").fetchone()[0]
        if version not in (0, _VERSION):
            raise sqlite3.DatabaseError(f"{path} was written by another version of the sandbox")
        self._db.executescript(_SCHEMA)
        self._db.execute(f"PRAGMA user_version = {_VERSION}")

    def close(self) -> None:
        self._db.close()

    def find_account(self, number: str) -> Account | None:
        asked = "SELECT * FROM account WHERE out_account_no = ?"
        row = self._db.execute(asked, (number,)).fetchone()
        return _account(row) if row else None

    def save_account(self, it: Account) -> None:
        values = {**msgspec.structs.asdict(it), "tested_at": _ms(it.tested_at)}
        self._db.execute(
            "INSERT OR REPLACE INTO account VALUES (:out_account_no, :holder, :bank, :last4, :currency,"
            " :deposit_minor, :state, :tries, :tested_at)",
            values,
        )

    def find_transfer(self, number: str) -> Transfer | None:
        asked = "SELECT * FROM transfer WHERE out_transfer_no = ?"
        row = self._db.execute(asked, (number,)).fetchone()
        return _transfer(row) if row else None

    def save_transfer(self, it: Transfer) -> None:
        values = {
            name: _ms(value) if isinstance(value, datetime) else value
            for name, value in msgspec.structs.asdict(it).items()
        }
        self._db.execute(
            "INSERT OR REPLACE INTO transfer (out_transfer_no, transfer_no, holder, bank, last4,"
            " amount_minor, currency, state, why, ends_as, asks, asked_at, ends_at, ended_at, notify_url,"
            " returns_at, returned_at) VALUES (:out_transfer_no, :transfer_no, :holder, :bank,"
            " :last4, :amount_minor, :currency, :state, :why, :ends_as, :asks, :asked_at, :ends_at,"
            " :ended_at, :notify_url, :returns_at, :returned_at)",
            values,
        )

    def lose_once(self, number: str) -> bool:
        """Whether this number is asked for the first time; from now on it is not."""
        asked = "INSERT INTO lost VALUES (?) ON CONFLICT DO NOTHING"
        return self._db.execute(asked, (number,)).rowcount == 1

    def list_accounts(self, limit: int) -> list[Account]:
        asked = "SELECT * FROM account ORDER BY tested_at DESC LIMIT ?"
        return [_account(row) for row in self._db.execute(asked, (limit,))]

    def list_transfers(self, limit: int) -> list[Transfer]:
        asked = "SELECT * FROM transfer ORDER BY asked_at DESC LIMIT ?"
        return [_transfer(row) for row in self._db.execute(asked, (limit,))]

    def each_movement(self, start: datetime, end: datetime) -> Iterator[sqlite3.Row]:
        """Money out and back from ``start`` up to ``end``, as ``book.each_movement``."""
        asked = (
            "SELECT 'payout' AS kind, out_transfer_no, transfer_no, '', '', -amount_minor, currency,"
            " ended_at AS at FROM transfer"
            " WHERE state = 'succeeded' AND ended_at >= :start AND ended_at < :end"
            " UNION ALL SELECT 'payout_return', out_transfer_no, transfer_no, '', '', amount_minor,"
            " currency, returned_at FROM transfer WHERE returned_at >= :start AND returned_at < :end"
            " ORDER BY at, out_transfer_no"
        )
        yield from self._db.execute(asked, {"start": _ms(start), "end": _ms(end)})

    def list_returning(self, *, now: datetime, limit: int) -> list[Transfer]:
        """Transfers that are to be sent back by now and are not yet."""
        asked = (
            "SELECT * FROM transfer WHERE returns_at <= ? AND returned_at IS NULL"
            " ORDER BY returns_at LIMIT ?"
        )
        return [_transfer(row) for row in self._db.execute(asked, (_ms(now), limit))]


def _account(row: sqlite3.Row) -> Account:
    return Account(**{**dict(row), "tested_at": _instant(row["tested_at"])})


def _transfer(row: sqlite3.Row) -> Transfer:
    instants = {
        name: None if row[name] is None else _instant(row[name])
        for name in ("asked_at", "ends_at", "ended_at", "returns_at", "returned_at")
    }
    return Transfer(**{**dict(row), **instants})


def _ms(instant: datetime) -> int:
    return (instant - _EPOCH) // timedelta(milliseconds=1)


def _instant(milliseconds: int) -> datetime:
    return _EPOCH + timedelta(milliseconds=milliseconds)
