"""Sessions: opened at sign-in, listed, ended here or everywhere. In the caller's transaction."""

from datetime import datetime, timedelta
from typing import Final

from jishi.db import Tx
from jishi.kit.ids import AccountId, IdMaker, cell_of
from jishi.modules.accounts import storage, storage_sessions, tokens
from jishi.modules.accounts.types import (
    LIFE,
    SESSIONS_SHOWN,
    Session,
    SessionNotFound,
    SignInRefused,
)

FORGET_BATCH: Final = 5_000
KEPT_AFTER_END: Final = timedelta(days=7)


async def open_session(
    tx: Tx,
    ids: IdMaker,
    account_id: AccountId,
    *,
    device: str = "",
    is_api: bool = False,
    by_code: bool = False,
    password_hash: str | None = None,
    now: datetime,
) -> str:
    """A new session's token; it is not kept and cannot be shown again.

    With ``password_hash`` only while that is still the account's, so that a sign-in cannot slip
    past a change of password. Raises SignInRefused.
    """
    token = tokens.make_token(cell_of(account_id))
    opened = await storage_sessions.insert_session(
        tx,
        ids.make(cell_of(account_id)),
        account_id,
        token_hash=tokens.hash_of(token),
        device=device[:80],
        is_api=is_api,
        by_code=by_code,
        now=now,
        expires_at=now + LIFE,
        password_hash=password_hash,
    )
    if not opened:
        raise SignInRefused
    return token


async def list_sessions(tx: Tx, account_id: AccountId, *, now: datetime) -> list[Session]:
    """The newest 50 that still sign in."""
    return await storage_sessions.live_sessions(tx, account_id, now=now, limit=SESSIONS_SHOWN)


async def find_session(tx: Tx, account_id: AccountId, session_id: int) -> Session | None:
    return await storage_sessions.find_session(tx, account_id, session_id)


async def end_session(tx: Tx, account_id: AccountId, session_id: int, *, now: datetime) -> None:
    """Raises SessionNotFound for one that has ended or is another person's."""
    if not await storage_sessions.end_session(tx, account_id, session_id, now=now):
        raise SessionNotFound(session_id=session_id)


async def end_if_live(tx: Tx, account_id: AccountId, session_id: int, *, now: datetime) -> None:
    """As ``end_session``; one that has ended already is all right."""
    await storage_sessions.end_session(tx, account_id, session_id, now=now)


async def end_all_sessions(
    tx: Tx, account_id: AccountId, *, but: int | None = None, now: datetime
) -> int:
    """Sign out everywhere, except in the session ``but``; how many ended."""
    return await storage_sessions.end_sessions(tx, account_id, but=but, now=now)


async def note_use(tx: Tx, account_id: AccountId, session_id: int, *, now: datetime) -> None:
    await storage_sessions.note_use(tx, account_id, session_id, now=now)


async def forget_old(tx: Tx, *, now: datetime) -> int:
    """Delete one batch of sessions and codes long over; how many. Repeat while it is full."""
    before = now - KEPT_AFTER_END
    sessions = await storage_sessions.forget_sessions(tx, before=before, limit=FORGET_BATCH)
    return sessions + await storage.forget_codes(tx, before=before, limit=FORGET_BATCH)
