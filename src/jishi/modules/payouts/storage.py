"""Terms, holds and bank accounts in PostgreSQL. Decides nothing."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from jishi.db import Row, Tx, load_sql
from jishi.kit.ids import ShopId, cell_of
from jishi.modules.payouts.types import AccountState, BankAccount, BankAccountId

_ACCOUNT_COLUMNS: Final = (
    "id, shop_id, holder, bank, last4, state, is_default, provider, tries_left, why, usable_at, "
    "attempts, created_at, verified_at"
)
_SET_TERMS: Final = """
INSERT INTO settlement_terms (cell, shop_id, since, days)
SELECT cell_of(t.shop_id), t.shop_id, $3, t.days FROM unnest($1::bigint[], $2::smallint[]) t(shop_id, days)
WHERE t.days IS DISTINCT FROM (SELECT s.days FROM settlement_terms s
    WHERE s.cell = cell_of(t.shop_id) AND s.shop_id = t.shop_id ORDER BY s.since DESC LIMIT 1)
ON CONFLICT (cell, shop_id, since) DO UPDATE SET days = excluded.days
"""

_ACCOUNTS: Final = f"""
SELECT {_ACCOUNT_COLUMNS} FROM bank_account
WHERE cell = $1 AND shop_id = $2 AND state <> 'removed' ORDER BY id DESC LIMIT 50
"""
_ACCOUNT: Final = f"""
SELECT {_ACCOUNT_COLUMNS} FROM bank_account WHERE cell = $1 AND id = $2 AND shop_id = $3
"""
_ACCOUNTS_BY_ID: Final = load_sql(__package__, "accounts_by_id")
_LOCK_ACCOUNTS: Final = """
SELECT id FROM bank_account WHERE cell = $1 AND shop_id = $2 ORDER BY cell, id FOR NO KEY UPDATE
"""
_ADD_ACCOUNT: Final = """
INSERT INTO bank_account (cell, id, shop_id, holder, bank, last4, state, provider, retry_at, created_by,
    created_at)
VALUES ($1, $2, $3, $4, $5, $6, 'new', $7, $9, $8, $9)
"""
_ADD_NUMBER: Final = """
INSERT INTO bank_number (cell, account_id, shop_id, sealed, print) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (cell, shop_id, print) WHERE is_live DO NOTHING RETURNING true
"""
_BURY_NUMBERS: Final = """
UPDATE bank_number n SET is_live = false FROM unnest($1::bigint[]) a(id)
WHERE n.cell = cell_of(a.id) AND n.account_id = a.id AND n.is_live
"""
_REFUSE: Final = """
UPDATE bank_account b SET state = 'refused', is_default = false, why = t.why
FROM unnest($1::bigint[], $2::text[]) t(id, why)
WHERE b.cell = cell_of(t.id) AND b.id = t.id AND b.state = 'verified'
"""
_NUMBERS: Final = """
SELECT n.account_id, n.sealed FROM unnest($1::bigint[]) a(id)
JOIN bank_number n ON n.cell = cell_of(a.id) AND n.account_id = a.id
"""
_HAD_VERIFIED: Final = """
SELECT EXISTS (SELECT FROM bank_account WHERE cell = $1 AND shop_id = $2 AND verified_at IS NOT NULL)
"""
_VERIFY: Final = """
UPDATE bank_account SET state = 'verified', verified_at = $3, usable_at = $4, retry_at = NULL, is_default = $5
WHERE cell = $1 AND id = $2 AND state = 'testing'
"""
_SPEND_TRY: Final = """
UPDATE bank_account SET tries_left = tries_left - 1
WHERE cell = $1 AND id = $2 AND shop_id = $3 AND state = 'testing' AND tries_left > 0 RETURNING tries_left
"""
_GIVE_TRY_BACK: Final = """
UPDATE bank_account SET tries_left = tries_left + 1 WHERE cell = $1 AND id = $2 AND state = 'testing'
"""
_GIVE_UP: Final = """
UPDATE bank_account SET state = 'refused', why = 'too_many_tries'
WHERE cell = $1 AND id = $2 AND state = 'testing' AND tries_left = 0 RETURNING true
"""
_CLEAR_DEFAULT: Final = """
UPDATE bank_account SET is_default = false WHERE cell = $1 AND shop_id = $2 AND is_default
"""
_SET_DEFAULT: Final = "UPDATE bank_account SET is_default = true WHERE cell = $1 AND id = $2"
_REMOVE: Final = """
UPDATE bank_account SET state = 'removed', is_default = false, retry_at = NULL, removed_at = $3
WHERE cell = $1 AND id = $2
"""
_ACCOUNT_BUSY: Final = """
SELECT EXISTS (SELECT FROM withdrawal WHERE cell = $1 AND shop_id = $2 AND account_id = $3
    AND state IN ('asked', 'approved', 'sent') ORDER BY id DESC LIMIT 1)
"""
_CLAIM_TESTS: Final = load_sql(__package__, "claim_tests")
_SAVE_TESTS: Final = """
UPDATE bank_account b SET state = CASE WHEN b.state = 'new' THEN t.state ELSE b.state END, why = t.why,
    retry_at = t.retry_at
FROM unnest($1::bigint[], $2::text[], $3::text[], $4::timestamptz[]) t(id, state, why, retry_at)
WHERE b.cell = cell_of(t.id) AND b.id = t.id AND b.state = 'new'
"""


async def set_terms(tx: Tx, shops: Sequence[ShopId], days: Sequence[int], now: datetime) -> None:
    await tx.execute(_SET_TERMS, list(shops), list(days), now)


async def list_accounts(tx: Tx, shop_id: ShopId) -> list[BankAccount]:
    """Those not removed, the newest first; a shop keeps few."""
    return [account_of(row) for row in await tx.fetch(_ACCOUNTS, cell_of(shop_id), shop_id)]


async def find_account(tx: Tx, shop_id: ShopId, account_id: int) -> BankAccount | None:
    row = await tx.fetchrow(_ACCOUNT, cell_of(account_id), account_id, shop_id)
    return account_of(row) if row else None


async def accounts_by_id(tx: Tx, ids: Sequence[int]) -> list[BankAccount]:
    rows = await tx.fetch(_ACCOUNTS_BY_ID, list(ids)) if ids else []
    return [account_of(row) for row in rows]


async def lock_accounts(tx: Tx, shop_id: ShopId) -> None:
    """Hold all accounts of a shop: what is decided over several of them stays true."""
    await tx.fetch(_LOCK_ACCOUNTS, cell_of(shop_id), shop_id)


async def add_number(
    tx: Tx, shop_id: ShopId, account_id: BankAccountId, *, sealed: bytes, fingerprint: bytes
) -> bool:
    """False when the shop has this number already."""
    row = (cell_of(account_id), account_id, shop_id, sealed, fingerprint)
    return bool(await tx.fetchval(_ADD_NUMBER, *row))


async def add_account(
    tx: Tx, shop_id: ShopId, account_id: BankAccountId, facts: Sequence[Any], *, now: datetime
) -> None:
    """``facts``: holder, bank, last four digits, provider, who added it."""
    await tx.execute(_ADD_ACCOUNT, cell_of(account_id), account_id, shop_id, *facts, now)


async def sealed_numbers(tx: Tx, ids: Sequence[int]) -> dict[int, bytes]:
    rows = await tx.fetch(_NUMBERS, list(ids)) if ids else []
    return {row["account_id"]: row["sealed"] for row in rows}


async def had_verified(tx: Tx, shop_id: ShopId) -> bool:
    return bool(await tx.fetchval(_HAD_VERIFIED, cell_of(shop_id), shop_id))


async def save_verified(
    tx: Tx, account_id: int, *, now: datetime, usable_at: datetime, is_default: bool
) -> bool:
    said = await tx.execute(_VERIFY, cell_of(account_id), account_id, now, usable_at, is_default)
    return bool(said == "UPDATE 1")


async def spend_try(tx: Tx, shop_id: ShopId, account_id: int) -> int | None:
    """How many tries are left after this one; None: the account waits for no proof."""
    left: int | None = await tx.fetchval(_SPEND_TRY, cell_of(account_id), account_id, shop_id)
    return left


async def give_try_back(tx: Tx, account_id: int) -> None:
    await tx.execute(_GIVE_TRY_BACK, cell_of(account_id), account_id)


async def give_up(tx: Tx, account_id: int) -> None:
    """Refuse the account when its last try was wrong."""
    if await tx.fetchval(_GIVE_UP, cell_of(account_id), account_id):
        await _bury_numbers(tx, [account_id])


async def refuse_accounts(tx: Tx, whys: Mapping[int, str]) -> None:
    """Verified accounts that take no money any more, each with its reason."""
    await tx.execute(_REFUSE, list(whys), list(whys.values()))
    await _bury_numbers(tx, list(whys))


async def _bury_numbers(tx: Tx, ids: Sequence[int]) -> None:
    """From now on these numbers may be added again."""
    await tx.execute(_BURY_NUMBERS, list(ids))


async def set_default(tx: Tx, shop_id: ShopId, account_id: int) -> None:
    await tx.execute(_CLEAR_DEFAULT, cell_of(shop_id), shop_id)
    await tx.execute(_SET_DEFAULT, cell_of(account_id), account_id)


async def remove_account(tx: Tx, account_id: int, *, now: datetime) -> None:
    await tx.execute(_REMOVE, cell_of(account_id), account_id, now)
    await _bury_numbers(tx, [account_id])


async def is_account_busy(tx: Tx, shop_id: ShopId, account_id: int) -> bool:
    return bool(await tx.fetchval(_ACCOUNT_BUSY, cell_of(shop_id), shop_id, account_id))


async def claim_tests(tx: Tx, *, now: datetime, until: datetime, limit: int) -> list[BankAccount]:
    return [account_of(row) for row in await tx.fetch(_CLAIM_TESTS, now, until, limit)]


async def save_tests(tx: Tx, rows: Sequence[tuple[int, str, str, datetime | None]]) -> None:
    """``rows``: account, state it becomes, why, when to ask again."""
    if not rows:
        return
    await tx.execute(_SAVE_TESTS, *[list(column) for column in zip(*rows, strict=True)])
    if refused := [row[0] for row in rows if row[1] == AccountState.REFUSED]:
        await _bury_numbers(tx, refused)


def account_of(row: Row) -> BankAccount:
    return BankAccount(**{**row, "state": AccountState(row["state"])})
