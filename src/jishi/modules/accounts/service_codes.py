"""One-time codes: made, sent through whatever the market sends with, spent once.

A wrong try must be kept although it is refused, so ``enter`` and ``confirm_login`` RETURN such a
refusal instead of raising it; the edge commits and raises then.
"""

import hmac
from datetime import datetime
from typing import Protocol

from jishi.db import Tx
from jishi.kit.errors import Refusal
from jishi.kit.ids import AccountId, IdMaker
from jishi.modules.accounts import rules, service, storage, storage_sessions, tokens
from jishi.modules.accounts.service_sessions import open_session
from jishi.modules.accounts.types import (
    CODE_DIGITS,
    CODE_LIFE,
    CODE_TRIES,
    LOGINS_MAX,
    CodeGone,
    CodeLength,
    CodeWrong,
    Entered,
    Login,
    LoginName,
    LoginsFull,
    LoginTaken,
    Purpose,
)


class SendNotice(Protocol):
    """How a message leaves for a phone or e-mail: ``notices.send_to_address``, plugged by ``app``.

    ``kind`` names the words; the message is written in ``tx`` and leaves after its commit.
    """

    async def __call__(
        self,
        tx: Tx,
        *,
        channel: str,
        address: str,
        kind: str,
        facts: dict[str, str],
        locale: str,
        now: datetime,
    ) -> None: ...


async def send_code(
    tx: Tx,
    send: SendNotice,
    purpose: Purpose,
    name: LoginName,
    *,
    secret: bytes,
    locale: str,
    account_id: AccountId | None = None,
    now: datetime,
) -> None:
    """Make a code and send it; the one sent before is void from now on."""
    code = tokens.make_code()
    await storage.save_code(
        tx,
        purpose,
        name,
        account_id=account_id,
        code_hash=rules.code_digest(secret, purpose, name, code),
        tries=CODE_TRIES,
        now=now,
        expires_at=now + CODE_LIFE,
    )
    await send(
        tx,
        channel="sms" if name.kind.value == "phone" else "mail",
        address=name.value,
        kind=f"code.{purpose}",
        facts={"code": code, "minutes": str(int(CODE_LIFE.total_seconds() // 60))},
        locale=locale,
        now=now,
    )


async def enter(
    tx: Tx,
    ids: IdMaker,
    name: LoginName,
    code: str,
    *,
    secret: bytes,
    new_name: str,
    locale: str,
    device: str,
    is_api: bool = False,
    now: datetime,
) -> Entered | Refusal:
    """Sign in with a code; a name nobody has opens an account called ``new_name``.

    Who proves a name first has it, whoever signed up with it before: see ``_prove``.
    """
    refused = await _spend(tx, Purpose.ENTER, name, code, secret=secret, account_id=None, now=now)
    if refused:
        return refused
    login = await storage.find_login(tx, name)
    lost = False
    if login is not None and login.verified_at is None:
        login, lost = await _prove(tx, login, now=now)
    if login is not None:
        account_id = login.account_id
    else:
        account_id = await service.add_account(
            tx,
            ids,
            name=new_name,
            logins=[name],
            password_hash=None,
            locale=locale,
            verified_at=now,
            now=now,
        )
    token = await open_session(
        tx, ids, account_id, device=device, is_api=is_api, by_code=True, now=now
    )
    return Entered(account_id=account_id, token=token, is_new=login is None, lost_password=lost)


async def _prove(tx: Tx, login: Login, *, now: datetime) -> tuple[Login | None, bool]:
    """The login now proved to be the person's, and whether a password was dropped for it.

    Whoever signed up with a name without proving it may be a stranger: their password goes and
    their sessions end. Had they proved another name, the account is theirs: the name leaves it.
    """
    account = await storage.lock_account(tx, login.account_id)
    others = await storage.logins_of(tx, login.account_id)
    if any(it.verified_at for it in others):
        await storage.remove_login(tx, login.account_id, login.name)
        return None, False
    await storage.verify_login(tx, login.account_id, login.name, now=now)
    if account is None or account.password_hash is None:
        return login, False
    await storage.save_password(tx, login.account_id, None, now=now)
    await storage_sessions.end_sessions(tx, login.account_id, now=now)
    return login, True


async def check_new_login(tx: Tx, account_id: AccountId, name: LoginName) -> None:
    """Raises LoginsFull, LoginTaken. A name of one's own may be proved again."""
    logins = await storage.logins_of(tx, account_id)
    if any(it.name == name for it in logins):
        return
    if len(logins) >= LOGINS_MAX:
        raise LoginsFull(most=LOGINS_MAX)
    if await storage.find_login(tx, name) is not None:
        raise LoginTaken(field="login")


async def confirm_login(
    tx: Tx, account_id: AccountId, name: LoginName, code: str, *, secret: bytes, now: datetime
) -> Refusal | None:
    """Add a proved sign-in name, or prove one's own. Raises LoginTaken, LoginsFull."""
    refused = await _spend(
        tx, Purpose.ADD_LOGIN, name, code, secret=secret, account_id=account_id, now=now
    )
    if refused:
        return refused
    await storage.lock_account(tx, account_id)
    await check_new_login(tx, account_id, name)
    if not await storage.add_logins(tx, account_id, [name], verified_at=now, now=now):
        await storage.verify_login(tx, account_id, name, now=now)
    return None


async def _spend(
    tx: Tx,
    purpose: Purpose,
    name: LoginName,
    typed: str,
    *,
    secret: bytes,
    account_id: AccountId | None,
    now: datetime,
) -> Refusal | None:
    code = rules.parse_code(typed)
    if len(code) != CODE_DIGITS:
        return CodeLength(field="code", need=CODE_DIGITS, has=len(code))
    kept = await storage.spend_try(tx, purpose, name, account_id=account_id, now=now)
    if kept is None:
        return CodeGone(field="code")
    code_hash, left = kept
    if not hmac.compare_digest(code_hash, rules.code_digest(secret, purpose, name, code)):
        return CodeWrong(field="code", left=left) if left else CodeGone(field="code")
    await storage.end_code(tx, purpose, name)
    return None
