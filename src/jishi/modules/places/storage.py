"""Addresses in PostgreSQL, and the region list read. With sql/ the only file naming ``address``."""

from collections.abc import Sequence
from datetime import datetime

from jishi.db import Row, Tx, load_sql
from jishi.kit.ids import AccountId, AddressId, cell_of
from jishi.modules.places.types import Address, AddressDraft, Region

_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('address', $1))"
_LIST = """
SELECT * FROM address WHERE cell = $1 AND account_id = $2 AND deleted_at IS NULL
ORDER BY is_default DESC, id DESC
"""
_FIND = """
SELECT * FROM address WHERE cell = $1 AND account_id = $2 AND id = $3 AND deleted_at IS NULL
"""
_INSERT = """
INSERT INTO address (cell, account_id, id, country, receiver, phone, region_code, region_version,
    region_names, detail, city, state, postcode, is_default, created_at, updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $15)
RETURNING *
"""
_UPDATE = """
UPDATE address
SET (country, receiver, phone, region_code, region_version, region_names, detail, city, state,
     postcode, is_default, updated_at) = ($4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
WHERE cell = $1 AND account_id = $2 AND id = $3 AND deleted_at IS NULL
RETURNING *
"""
_DELETE = """
UPDATE address SET deleted_at = $4, is_default = false
WHERE cell = $1 AND account_id = $2 AND id = $3 AND deleted_at IS NULL
"""
_UNSET_DEFAULT = """
UPDATE address SET is_default = false, updated_at = $3
WHERE cell = $1 AND account_id = $2 AND is_default
"""
_SET_DEFAULT = """
UPDATE address SET is_default = true, updated_at = $4
WHERE cell = $1 AND account_id = $2 AND id = $3 AND deleted_at IS NULL
"""
_OF_MANY = """
SELECT address.* FROM unnest($1::smallint[], $2::bigint[], $3::bigint[])
    AS asked (in_cell, of_account, at_id)
JOIN address ON cell = in_cell AND id = at_id AND account_id = of_account AND deleted_at IS NULL
"""
_VERSION = "SELECT version FROM reference_data WHERE name = 'regions'"
_CHOICES = load_sql(__package__, "region_choices")
_CHAIN = load_sql(__package__, "region_chain")


async def lock_book(tx: Tx, account_id: AccountId) -> None:
    """Holds one account's address book against every other change until ``tx`` ends."""
    await tx.execute(_LOCK, account_id)


async def list_addresses(tx: Tx, account_id: AccountId) -> list[Address]:
    """The default first, then the newest."""
    rows = await tx.fetch(_LIST, cell_of(account_id), account_id)
    return [_address(row) for row in rows]


async def find_address(tx: Tx, account_id: AccountId, address_id: AddressId) -> Address | None:
    row = await tx.fetchrow(_FIND, cell_of(account_id), account_id, address_id)
    return _address(row) if row else None


async def insert_address(
    tx: Tx,
    address_id: AddressId,
    account_id: AccountId,
    draft: AddressDraft,
    *,
    version: str | None,
    names: Sequence[str],
    now: datetime,
) -> Address:
    place = _place(draft, version, names)
    mine = (cell_of(account_id), account_id, address_id)
    row = await tx.fetchrow(_INSERT, *mine, *place, draft.is_default, now)
    assert row
    return _address(row)


async def update_address(
    tx: Tx,
    address_id: AddressId,
    account_id: AccountId,
    draft: AddressDraft,
    *,
    version: str | None,
    names: Sequence[str],
    now: datetime,
) -> Address:
    """The caller holds the book and has seen the address in it."""
    place = _place(draft, version, names)
    mine = (cell_of(account_id), account_id, address_id)
    row = await tx.fetchrow(_UPDATE, *mine, *place, draft.is_default, now)
    assert row, f"address {address_id} was not there"
    return _address(row)


async def delete_address(
    tx: Tx, account_id: AccountId, address_id: AddressId, *, now: datetime
) -> None:
    await tx.execute(_DELETE, cell_of(account_id), account_id, address_id, now)


async def unset_default(tx: Tx, account_id: AccountId, *, now: datetime) -> None:
    await tx.execute(_UNSET_DEFAULT, cell_of(account_id), account_id, now)


async def set_default(
    tx: Tx, account_id: AccountId, address_id: AddressId, *, now: datetime
) -> None:
    """The caller has unset the one before."""
    await tx.execute(_SET_DEFAULT, cell_of(account_id), account_id, address_id, now)


async def addresses_of(
    tx: Tx, asked: Sequence[tuple[AccountId, AddressId]]
) -> dict[tuple[AccountId, AddressId], Address]:
    """Those of the asked addresses that exist and belong to the account beside them."""
    accounts, addresses = [pair[0] for pair in asked], [pair[1] for pair in asked]
    rows = await tx.fetch(_OF_MANY, [cell_of(it) for it in accounts], accounts, addresses)
    found = [_address(row) for row in rows]
    return {(address.account_id, address.id): address for address in found}


async def region_version(tx: Tx) -> str:
    return str(await tx.fetchval(_VERSION))


async def region_choices(tx: Tx, parent_code: int | None) -> list[Region]:
    return [_region(row) for row in await tx.fetch(_CHOICES, parent_code)]


async def region_chain(tx: Tx, code: int) -> list[Region]:
    return [_region(row) for row in await tx.fetch(_CHAIN, code)]


def _place(draft: AddressDraft, version: str | None, names: Sequence[str]) -> tuple[object, ...]:
    return (
        *(draft.country, draft.receiver, draft.phone),
        *(draft.region_code, version, list(names)),
        *(draft.detail, draft.city, draft.state, draft.postcode),
    )


def _address(row: Row) -> Address:
    kept = {name: value for name, value in row.items() if name not in {"cell", "deleted_at"}}
    return Address(**kept)


def _region(row: Row) -> Region:
    return Region(**dict(row))
