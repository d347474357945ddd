"""What the rest of Jishi may ask of payouts. Each call inside the caller's transaction."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from jishi.db import Tx
from jishi.kit.ids import AccountId, ShopId
from jishi.kit.paging import Page, id_below, page_of
from jishi.kit.typed import read_line
from jishi.modules.payouts import rules, storage, withdrawals
from jishi.modules.payouts.sealing import Sealer
from jishi.modules.payouts.types import (
    ACCOUNTS_MAX,
    BANK_MAX,
    DAYS_MAX,
    HOLDER_MAX,
    AccountInUse,
    AccountNotFound,
    AccountNotTesting,
    AccountState,
    AccountsTooMany,
    AccountTwice,
    AccountUnverified,
    BankAccount,
    BankAccountId,
    Step,
    Withdrawal,
    WithdrawalNotFound,
)


async def set_terms(tx: Tx, days: Mapping[ShopId, int], *, now: datetime) -> None:
    """From ``now`` on the shops' money may be withdrawn so many days (0 to 15) after completion.

    One statement for all; what stays as it was leaves no row.
    """
    assert all(0 <= each <= DAYS_MAX for each in days.values())
    if days:
        await storage.set_terms(tx, list(days), list(days.values()), now)


async def list_accounts(tx: Tx, shop_id: ShopId) -> list[BankAccount]:
    return await storage.list_accounts(tx, shop_id)


async def lock_accounts(tx: Tx, shop_id: ShopId) -> None:
    """Hold the shop's bank accounts: none of them is removed before ``tx`` ends."""
    await storage.lock_accounts(tx, shop_id)


async def get_account(tx: Tx, shop_id: ShopId, account_id: int) -> BankAccount:
    """Raises AccountNotFound."""
    found = await storage.find_account(tx, shop_id, account_id)
    if found is None or found.state is AccountState.REMOVED:
        raise AccountNotFound
    return found


async def accounts_by_id(tx: Tx, ids: Sequence[int]) -> Mapping[int, BankAccount]:
    """Accounts of any shop, removed ones too: what withdrawals name."""
    return {it.id: it for it in await storage.accounts_by_id(tx, ids)}


async def add_account(
    tx: Tx,
    shop_id: ShopId,
    account_id: BankAccountId,
    *,
    holder: str,
    bank: str,
    number: str,
    provider: str,
    sealer: Sealer,
    actor_id: AccountId,
    now: datetime,
) -> BankAccount:
    """A new account, to be tested by the provider.

    Raises FieldMissing, FieldInvalid, NumberInvalid, AccountTwice, AccountsTooMany.
    """
    holder, bank = read_line(holder, "holder", HOLDER_MAX), read_line(bank, "bank", BANK_MAX)
    digits = rules.read_number(number)
    await storage.lock_accounts(tx, shop_id)
    if len(await storage.list_accounts(tx, shop_id)) >= ACCOUNTS_MAX:
        raise AccountsTooMany(most=ACCOUNTS_MAX)
    sealed, fingerprint = sealer.seal(account_id, digits), sealer.print_of(shop_id, digits)
    if not await storage.add_number(
        tx, shop_id, account_id, sealed=sealed, fingerprint=fingerprint
    ):
        raise AccountTwice(field="number")
    facts = (holder, bank, digits[-4:], provider, actor_id)
    await storage.add_account(tx, shop_id, account_id, facts, now=now)
    return await get_account(tx, shop_id, account_id)


async def spend_try(tx: Tx, shop_id: ShopId, account_id: int) -> int:
    """Take one of the tries before the provider is asked, so that guesses at once count one by one.

    How many are left. Raises AccountNotFound, AccountNotTesting.
    """
    await get_account(tx, shop_id, account_id)
    left = await storage.spend_try(tx, shop_id, account_id)
    if left is None:
        raise AccountNotTesting
    return left


async def give_try_back(tx: Tx, account_id: int) -> None:
    """The provider did not answer: nothing was tried."""
    await storage.give_try_back(tx, account_id)


async def refuse_proof(tx: Tx, account_id: int) -> None:
    """It was not the amount; after the last try the account is refused."""
    await storage.give_up(tx, account_id)


async def accept_proof(tx: Tx, shop_id: ShopId, account_id: int, *, now: datetime) -> BankAccount:
    """Verified. A shop's first account is usable at once and the default; a later one cools off.

    Raises AccountNotTesting when it was removed meanwhile.
    """
    await storage.lock_accounts(tx, shop_id)
    is_first = not await storage.had_verified(tx, shop_id)
    has_default = any(it.is_default for it in await storage.list_accounts(tx, shop_id))
    usable_at = rules.usable_at(now=now, is_first=is_first)
    if not await storage.save_verified(
        tx, account_id, now=now, usable_at=usable_at, is_default=not has_default
    ):
        raise AccountNotTesting
    return await get_account(tx, shop_id, account_id)


async def claim_tests(tx: Tx, *, now: datetime, until: datetime, limit: int) -> list[BankAccount]:
    """New accounts to be tested by their provider; nobody else's until ``until``."""
    return await storage.claim_tests(tx, now=now, until=until, limit=limit)


async def save_tests(tx: Tx, said: Sequence[tuple[int, str, str, datetime | None]]) -> None:
    """What providers said of new accounts: account, state it becomes, why, when to ask again."""
    await storage.save_tests(tx, said)


async def sealed_numbers(tx: Tx, ids: Sequence[int]) -> Mapping[int, bytes]:
    """Sealed numbers by account, for the one who talks to the provider."""
    return await storage.sealed_numbers(tx, ids)


async def set_default(tx: Tx, shop_id: ShopId, account_id: int) -> None:
    """Raises AccountNotFound, AccountUnverified."""
    await storage.lock_accounts(tx, shop_id)
    found = await get_account(tx, shop_id, account_id)
    if found.state is not AccountState.VERIFIED:
        raise AccountUnverified
    await storage.set_default(tx, shop_id, account_id)


async def refuse_accounts(tx: Tx, whys: Mapping[int, str]) -> None:
    """Offer these accounts no more: their bank says they take no money. Reasons by account."""
    if whys:
        await storage.refuse_accounts(tx, whys)


async def remove_account(tx: Tx, shop_id: ShopId, account_id: int, *, now: datetime) -> None:
    """Raises AccountNotFound; AccountInUse while money is on its way there."""
    await storage.lock_accounts(tx, shop_id)
    await get_account(tx, shop_id, account_id)
    if await storage.is_account_busy(tx, shop_id, account_id):
        raise AccountInUse
    await storage.remove_account(tx, account_id, now=now)


async def get_withdrawal(tx: Tx, shop_id: ShopId | None, withdrawal_id: int) -> Withdrawal:
    """``shop_id`` None: of any shop. Raises WithdrawalNotFound."""
    found = await withdrawals.find(tx, shop_id, withdrawal_id)
    if found is None:
        raise WithdrawalNotFound
    return found


async def find_by_key(tx: Tx, shop_id: ShopId, key: str) -> Withdrawal | None:
    """What the shop asked for under this key."""
    return await withdrawals.find_by_key(tx, shop_id, key)


async def list_withdrawals(
    tx: Tx, shop_id: ShopId, *, cursor: str | None, size: int
) -> Page[Withdrawal]:
    """The newest first. Raises CursorInvalid."""
    before = id_below(cursor)
    rows = await withdrawals.list_of_shop(tx, shop_id, before=before, limit=size + 1)
    return page_of(rows, size, lambda it: (it.id,))


async def steps_of(tx: Tx, withdrawal_id: int) -> Sequence[Step]:
    return await withdrawals.steps_of(tx, withdrawal_id)
