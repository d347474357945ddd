"""What the rest of Jishi may ask of accounts. Each call runs inside the caller's transaction."""

import secrets
from collections.abc import Sequence
from datetime import datetime

from jishi.db import Tx
from jishi.kit.errors import NotFound
from jishi.kit.ids import CELLS, AccountId, IdMaker
from jishi.modules.accounts import rules, storage, storage_sessions
from jishi.modules.accounts.types import (
    Account,
    AccountNotFound,
    Credentials,
    LastLogin,
    Login,
    LoginName,
    LoginNotFound,
    LoginTaken,
    Role,
)


async def open_account(
    tx: Tx,
    ids: IdMaker,
    *,
    name: str,
    logins: Sequence[str],
    password_hash: str | None = None,
    locale: str | None = None,
    verified_at: datetime | None = None,
    now: datetime,
) -> AccountId:
    """A new person with at least one sign-in name, in a cell drawn by lot.

    Raises Refusals for names that are none; LoginTaken: of two who want a name, one gets it.
    """
    kept, parsed = rules.draft_account(name, logins, None)
    return await add_account(
        tx,
        ids,
        name=kept,
        logins=parsed,
        password_hash=password_hash,
        locale=locale,
        verified_at=verified_at,
        now=now,
    )


async def add_account(
    tx: Tx,
    ids: IdMaker,
    *,
    name: str,
    logins: Sequence[LoginName],
    password_hash: str | None,
    locale: str | None,
    verified_at: datetime | None,
    now: datetime,
) -> AccountId:
    """As ``open_account``, from a draft that ``rules`` has checked."""
    assert logins, "nobody could ever sign in"
    account_id = AccountId(ids.make(secrets.randbelow(CELLS)))
    if not await storage.add_logins(tx, account_id, logins, verified_at=verified_at, now=now):
        raise LoginTaken(field="login")
    await storage.insert_account(
        tx, account_id, name=name, locale=locale, password_hash=password_hash, now=now
    )
    return account_id


async def get_account(tx: Tx, account_id: AccountId) -> Account:
    """Raises NotFound."""
    account = await storage.find_account(tx, account_id)
    if account is None:
        raise NotFound(account_id=account_id)
    return account


async def names_of(tx: Tx, account_ids: Sequence[AccountId]) -> dict[AccountId, str]:
    """Names by id, in one query; unknown ids are left out."""
    return await storage.names_of(tx, account_ids)


async def find_by_login(tx: Tx, login: str) -> AccountId | None:
    """Whose phone or e-mail this is. Raises LoginInvalid for neither."""
    found = await storage.find_login(tx, rules.parse_login(login))
    return found.account_id if found else None


async def find_credentials(tx: Tx, name: LoginName) -> Credentials | None:
    return await storage.find_credentials(tx, name)


async def logins_of(tx: Tx, account_id: AccountId) -> list[Login]:
    return await storage.logins_of(tx, account_id)


async def change_profile(tx: Tx, account_id: AccountId, *, name: str, locale: str | None) -> None:
    """Raises NameInvalid."""
    await storage.save_profile(tx, account_id, name=rules.parse_name(name), locale=locale)
    await storage.tell_changed(tx, account_id)


async def change_password(
    tx: Tx, account_id: AccountId, password_hash: str, *, now: datetime
) -> None:
    """Sets it and ends every session: the caller opens a new one where the change was made."""
    await storage.save_password(tx, account_id, password_hash, now=now)
    await storage_sessions.end_sessions(tx, account_id, now=now)


async def save_rehash(tx: Tx, account_id: AccountId, *, before: str, after: str) -> None:
    await storage.save_rehash(tx, account_id, before=before, after=after)


async def remove_login(tx: Tx, account_id: AccountId, name: LoginName) -> None:
    """Raises LastLogin, LoginNotFound."""
    await storage.lock_account(tx, account_id)
    if len(await storage.logins_of(tx, account_id)) <= 1:
        raise LastLogin
    if not await storage.remove_login(tx, account_id, name):
        raise LoginNotFound


async def close_account(tx: Tx, account_id: AccountId, *, owns_shops: bool, now: datetime) -> None:
    """Ends every session and gives the sign-in names free; orders stay as they are.

    The name is kept for the other side of its orders. Raises OwnsShops; NotFound when closed.
    """
    rules.check_closing(owns_shops=owns_shops)
    account = await storage.lock_account(tx, account_id)
    if account is None or account.closed_at is not None:
        raise NotFound
    await storage.save_closed(tx, account_id, now=now)
    await storage_sessions.end_sessions(tx, account_id, now=now)
    for role in Role:
        await storage.revoke(tx, account_id, role)


async def grant_role(tx: Tx, account_id: AccountId, role: str, *, now: datetime) -> bool:
    """Whether the account had not the role yet. Raises AccountNotFound for none or a closed one."""
    account = await storage.lock_account(tx, account_id)
    if account is None or account.closed_at is not None:
        raise AccountNotFound
    granted = await storage.grant(tx, account_id, Role(role), now=now)
    await storage.tell_changed(tx, account_id)
    return granted


async def revoke_role(tx: Tx, account_id: AccountId, role: str) -> bool:
    """Whether the account had the role."""
    revoked = await storage.revoke(tx, account_id, Role(role))
    await storage.tell_changed(tx, account_id)
    return revoked


async def list_role_holders(tx: Tx, role: str) -> list[tuple[AccountId, str]]:
    """Id and name, at most 1,000, the longest-serving first."""
    return await storage.holders_of(tx, Role(role))
