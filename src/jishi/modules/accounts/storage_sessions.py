"""Sessions in PostgreSQL. With ``reads/identity`` the only file that names table ``session``."""

from datetime import datetime
from typing import Final

from jishi.db import Row, Tx
from jishi.kit.ids import AccountId, cell_of
from jishi.modules.accounts.types import IDLE, Session

# A sign-in that raced with a change of password or a closing finds no account to lean on.
_INSERT: Final = """
INSERT INTO session
    (cell, id, account_id, token_hash, device, is_api, by_code, opened_at, used_at, expires_at)
SELECT a.cell, $3, a.id, $4, $5, $6, $7, $8, $8, $9 FROM account a
WHERE a.cell = $1 AND a.id = $2 AND a.closed_at IS NULL
  AND ($10::text IS NULL OR a.password_hash = $10)
"""
_LIVE: Final = """
SELECT id, account_id, device, is_api, by_code, opened_at, used_at, expires_at FROM session
WHERE cell = $1 AND account_id = $2 AND ended_at IS NULL AND expires_at > $3 AND used_at > $4
ORDER BY id DESC LIMIT $5
"""
_FIND: Final = """
SELECT id, account_id, device, is_api, by_code, opened_at, used_at, expires_at FROM session
WHERE cell = $1 AND account_id = $2 AND id = $3 AND ended_at IS NULL
"""
_END: Final = """
UPDATE session SET ended_at = $4
WHERE cell = $1 AND account_id = $2 AND id = $3 AND ended_at IS NULL
"""
_END_ALL: Final = """
UPDATE session SET ended_at = $3
WHERE cell = $1 AND account_id = $2 AND ended_at IS NULL AND id <> $4
"""
_NOTE_USE: Final = """
UPDATE session SET used_at = $3 WHERE cell = $1 AND id = $2 AND ended_at IS NULL AND used_at < $3
"""
_ENDED: Final = "SELECT pg_notify('session_ended', $1::text)"
_FORGET: Final = """
DELETE FROM session WHERE (cell, id) IN
    (SELECT cell, id FROM session WHERE expires_at < $1 LIMIT $2)
"""


async def insert_session(
    tx: Tx,
    session_id: int,
    account_id: AccountId,
    *,
    token_hash: bytes,
    device: str,
    is_api: bool,
    by_code: bool,
    now: datetime,
    expires_at: datetime,
    password_hash: str | None,
) -> bool:
    """False when the account is closed, or ``password_hash`` is given and no longer its."""
    done: str = await tx.execute(
        _INSERT,
        cell_of(account_id),
        account_id,
        session_id,
        token_hash,
        device,
        is_api,
        by_code,
        now,
        expires_at,
        password_hash,
    )
    return done == "INSERT 0 1"


async def live_sessions(
    tx: Tx, account_id: AccountId, *, now: datetime, limit: int
) -> list[Session]:
    """The newest first."""
    rows = await tx.fetch(_LIVE, cell_of(account_id), account_id, now, now - IDLE, limit)
    return [_session(row) for row in rows]


async def find_session(tx: Tx, account_id: AccountId, session_id: int) -> Session | None:
    row = await tx.fetchrow(_FIND, cell_of(account_id), account_id, session_id)
    return _session(row) if row else None


async def end_session(tx: Tx, account_id: AccountId, session_id: int, *, now: datetime) -> bool:
    done: str = await tx.execute(_END, cell_of(account_id), account_id, session_id, now)
    await tx.execute(_ENDED, str(account_id))
    return done == "UPDATE 1"


async def end_sessions(
    tx: Tx, account_id: AccountId, *, but: int | None = None, now: datetime
) -> int:
    """End all sessions of an account except ``but``; how many."""
    done: str = await tx.execute(_END_ALL, cell_of(account_id), account_id, now, but or 0)
    await tx.execute(_ENDED, str(account_id))
    return int(done.rsplit(maxsplit=1)[-1])


async def note_use(tx: Tx, account_id: AccountId, session_id: int, *, now: datetime) -> None:
    await tx.execute(_NOTE_USE, cell_of(account_id), session_id, now)


async def forget_sessions(tx: Tx, *, before: datetime, limit: int) -> int:
    done: str = await tx.execute(_FORGET, before, limit)
    return int(done.rsplit(maxsplit=1)[-1])


def _session(row: Row) -> Session:
    return Session(**{**row, "account_id": AccountId(row["account_id"])})
