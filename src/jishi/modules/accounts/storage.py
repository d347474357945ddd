"""People, sign-in names, roles and codes in PostgreSQL."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from jishi.db import Row, Tx
from jishi.kit.ids import AccountId, cell_for, cell_of
from jishi.modules.accounts.types import (
    Account,
    Credentials,
    Login,
    LoginKind,
    LoginName,
    Purpose,
    Role,
)

_INSERT: Final = """
INSERT INTO account (cell, id, name, locale, password_hash, password_changed_at, opened_at)
VALUES ($1, $2, $3, $4, $5, CASE WHEN $5::text IS NOT NULL THEN $6::timestamptz END, $6)
"""
_FIND: Final = """
SELECT id, name, locale, password_hash, password_changed_at, opened_at, closed_at
FROM account WHERE cell = $1 AND id = $2
"""
_LOCK: Final = _FIND + " FOR UPDATE"
_SET_PROFILE: Final = """
UPDATE account SET name = $3, locale = $4 WHERE cell = $1 AND id = $2 AND closed_at IS NULL
"""
_SET_HASH: Final = """
UPDATE account SET password_hash = $3, password_changed_at = $4
WHERE cell = $1 AND id = $2 AND closed_at IS NULL
"""
_REHASH: Final = """
UPDATE account SET password_hash = $4 WHERE cell = $1 AND id = $2 AND password_hash = $3
"""
_CLOSE: Final = """
UPDATE account SET closed_at = $3, password_hash = NULL
WHERE cell = $1 AND id = $2 AND closed_at IS NULL
"""
_NAMES: Final = """
SELECT a.id, a.name FROM unnest($1::smallint[], $2::bigint[]) asked (in_cell, at_id)
JOIN account a ON a.cell = asked.in_cell AND a.id = asked.at_id
"""

_ADD_LOGINS: Final = """
INSERT INTO login (cell, kind, value, account_id, added_at, verified_at)
SELECT cell, kind, value, $4, $5, $6
FROM unnest($1::smallint[], $2::text[], $3::text[]) l (cell, kind, value) ORDER BY cell, kind, value
ON CONFLICT (cell, kind, value) DO NOTHING
"""
_FIND_LOGIN: Final = """
SELECT kind, value, account_id, added_at, verified_at FROM login
WHERE cell = $1 AND kind = $2 AND value = $3
"""
_LOGINS: Final = """
SELECT kind, value, account_id, added_at, verified_at FROM login
WHERE account_id = $1 ORDER BY added_at, kind, value LIMIT 20
"""
_VERIFY: Final = """
UPDATE login SET verified_at = $5
WHERE cell = $1 AND kind = $2 AND value = $3 AND account_id = $4 AND verified_at IS NULL
"""
_REMOVE_LOGIN: Final = """
DELETE FROM login WHERE cell = $1 AND kind = $2 AND value = $3 AND account_id = $4
"""
_REMOVE_LOGINS: Final = "DELETE FROM login WHERE account_id = $1"
_CREDENTIALS: Final = """
SELECT password_hash FROM account WHERE cell = $1 AND id = $2 AND closed_at IS NULL
"""

_GRANT: Final = """
INSERT INTO platform_role (cell, account_id, role, granted_at) VALUES ($1, $2, $3, $4)
ON CONFLICT DO NOTHING
"""
_REVOKE: Final = "DELETE FROM platform_role WHERE cell = $1 AND account_id = $2 AND role = $3"
_HOLDERS: Final = """
SELECT r.account_id AS id, a.name FROM platform_role r
JOIN account a ON a.cell = r.cell AND a.id = r.account_id
WHERE r.role = $1 ORDER BY r.granted_at LIMIT 1000
"""
_CHANGED: Final = "SELECT pg_notify('identity_changed', $1::text)"

_SAVE_CODE: Final = """
INSERT INTO one_time_code
    (cell, kind, value, purpose, account_id, code_hash, tries_left, made_at, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (cell, kind, value, purpose) DO UPDATE
SET (account_id, code_hash, tries_left, made_at, expires_at) =
    (excluded.account_id, excluded.code_hash, excluded.tries_left, excluded.made_at,
     excluded.expires_at)
"""
_SPEND_TRY: Final = """
UPDATE one_time_code SET tries_left = tries_left - 1
WHERE cell = $1 AND kind = $2 AND value = $3 AND purpose = $4
  AND tries_left > 0 AND expires_at > $5 AND account_id IS NOT DISTINCT FROM $6
RETURNING code_hash, tries_left
"""
_END_CODE: Final = """
DELETE FROM one_time_code WHERE cell = $1 AND kind = $2 AND value = $3 AND purpose = $4
"""
_FORGET_CODES: Final = """
DELETE FROM one_time_code WHERE (cell, kind, value, purpose) IN
    (SELECT cell, kind, value, purpose FROM one_time_code WHERE expires_at < $1 LIMIT $2)
"""


async def insert_account(
    tx: Tx,
    account_id: AccountId,
    *,
    name: str,
    locale: str | None,
    password_hash: str | None,
    now: datetime,
) -> None:
    await tx.execute(_INSERT, cell_of(account_id), account_id, name, locale, password_hash, now)


async def find_account(tx: Tx, account_id: AccountId) -> Account | None:
    row = await tx.fetchrow(_FIND, cell_of(account_id), account_id)
    return _account(row) if row else None


async def lock_account(tx: Tx, account_id: AccountId) -> Account | None:
    """The account, held against change until ``tx`` ends."""
    row = await tx.fetchrow(_LOCK, cell_of(account_id), account_id)
    return _account(row) if row else None


async def save_profile(tx: Tx, account_id: AccountId, *, name: str, locale: str | None) -> None:
    await tx.execute(_SET_PROFILE, cell_of(account_id), account_id, name, locale)


async def save_password(
    tx: Tx, account_id: AccountId, password_hash: str | None, *, now: datetime
) -> None:
    """None takes the password away: codes only."""
    await tx.execute(_SET_HASH, cell_of(account_id), account_id, password_hash, now)


async def save_rehash(tx: Tx, account_id: AccountId, *, before: str, after: str) -> None:
    """The same password in today's parameters, unless it was changed meanwhile."""
    await tx.execute(_REHASH, cell_of(account_id), account_id, before, after)


async def save_closed(tx: Tx, account_id: AccountId, *, now: datetime) -> None:
    """Closes the account and gives its sign-in names free. The caller holds it."""
    done = await tx.execute(_CLOSE, cell_of(account_id), account_id, now)
    assert done == "UPDATE 1", f"account {account_id} was not locked open: {done}"
    await tx.execute(_REMOVE_LOGINS, account_id)


async def names_of(tx: Tx, account_ids: Sequence[AccountId]) -> dict[AccountId, str]:
    cells = [cell_of(it) for it in account_ids]
    rows = await tx.fetch(_NAMES, cells, list(account_ids))
    return {AccountId(row["id"]): row["name"] for row in rows}


async def add_logins(
    tx: Tx,
    account_id: AccountId,
    names: Sequence[LoginName],
    *,
    verified_at: datetime | None,
    now: datetime,
) -> bool:
    """Whether all of ``names`` were free and are now the account's."""
    rows = [(cell_for(it.value), it.kind.value, it.value) for it in names]
    columns = [list(column) for column in zip(*rows, strict=True)]
    done: str = await tx.execute(_ADD_LOGINS, *columns, account_id, now, verified_at)
    return done == f"INSERT 0 {len(names)}"


async def find_login(tx: Tx, name: LoginName) -> Login | None:
    row = await tx.fetchrow(_FIND_LOGIN, cell_for(name.value), name.kind, name.value)
    return _login(row) if row else None


async def logins_of(tx: Tx, account_id: AccountId) -> list[Login]:
    """At most 20, the oldest first."""
    return [_login(row) for row in await tx.fetch(_LOGINS, account_id)]


async def verify_login(tx: Tx, account_id: AccountId, name: LoginName, *, now: datetime) -> None:
    """Notes that the name is theirs, once; does nothing for a name of somebody else's."""
    await tx.execute(_VERIFY, cell_for(name.value), name.kind, name.value, account_id, now)


async def remove_login(tx: Tx, account_id: AccountId, name: LoginName) -> bool:
    done: str = await tx.execute(
        _REMOVE_LOGIN, cell_for(name.value), name.kind, name.value, account_id
    )
    return done == "DELETE 1"


async def find_credentials(tx: Tx, name: LoginName) -> Credentials | None:
    """None when nobody open signs in with this name."""
    login = await find_login(tx, name)
    if login is None:
        return None
    row = await tx.fetchrow(_CREDENTIALS, cell_of(login.account_id), login.account_id)
    return (
        Credentials(account_id=login.account_id, password_hash=row["password_hash"])
        if row
        else None
    )


async def grant(tx: Tx, account_id: AccountId, role: Role, *, now: datetime) -> bool:
    done: str = await tx.execute(_GRANT, cell_of(account_id), account_id, role.value, now)
    return done == "INSERT 0 1"


async def revoke(tx: Tx, account_id: AccountId, role: Role) -> bool:
    done: str = await tx.execute(_REVOKE, cell_of(account_id), account_id, role.value)
    return done == "DELETE 1"


async def holders_of(tx: Tx, role: Role) -> list[tuple[AccountId, str]]:
    return [(AccountId(row["id"]), row["name"]) for row in await tx.fetch(_HOLDERS, role.value)]


async def tell_changed(tx: Tx, account_id: AccountId) -> None:
    """Every process forgets what it knows about this person when ``tx`` commits."""
    await tx.execute(_CHANGED, str(account_id))


async def save_code(
    tx: Tx,
    purpose: Purpose,
    name: LoginName,
    *,
    account_id: AccountId | None,
    code_hash: bytes,
    tries: int,
    now: datetime,
    expires_at: datetime,
) -> None:
    """A new code replaces the one before it."""
    await tx.execute(
        _SAVE_CODE, *_code_key(purpose, name), account_id, code_hash, tries, now, expires_at
    )


async def spend_try(
    tx: Tx, purpose: Purpose, name: LoginName, *, account_id: AccountId | None, now: datetime
) -> tuple[bytes, int] | None:
    """The hash to compare with and the tries left after this one; None without a live code.

    Holds the code until ``tx`` ends, so that of two who know it one gets in.
    """
    row = await tx.fetchrow(_SPEND_TRY, *_code_key(purpose, name), now, account_id)
    return (row["code_hash"], row["tries_left"]) if row else None


async def end_code(tx: Tx, purpose: Purpose, name: LoginName) -> None:
    await tx.execute(_END_CODE, *_code_key(purpose, name))


async def forget_codes(tx: Tx, *, before: datetime, limit: int) -> int:
    done: str = await tx.execute(_FORGET_CODES, before, limit)
    return int(done.rsplit(maxsplit=1)[-1])


def _code_key(purpose: Purpose, name: LoginName) -> tuple[int, str, str, str]:
    return cell_for(name.value), name.kind.value, name.value, purpose.value


def _account(row: Row) -> Account:
    return Account(**{**row, "id": AccountId(row["id"])})


def _login(row: Row) -> Login:
    return Login(
        name=LoginName(LoginKind(row["kind"]), row["value"]),
        account_id=AccountId(row["account_id"]),
        added_at=row["added_at"],
        verified_at=row["verified_at"],
    )
