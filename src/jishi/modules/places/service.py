"""What the rest of Jishi may ask of places. Each call runs inside the caller's transaction."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from jishi.db import Tx
from jishi.kit.ids import AccountId, AddressId
from jishi.modules.places import rules, storage
from jishi.modules.places.types import (
    CHINA,
    Address,
    AddressDraft,
    AddressNotFound,
    Region,
    Snapshot,
)

CODE_MAX = 999_999_999


async def list_addresses(tx: Tx, account_id: AccountId) -> list[Address]:
    """All of an account's addresses, at most 50: the default first, then the newest."""
    return await storage.list_addresses(tx, account_id)


async def get_address(tx: Tx, account_id: AccountId, address_id: AddressId) -> Address:
    """Raises AddressNotFound, also for an address of someone else."""
    found = await storage.find_address(tx, account_id, address_id)
    if found is None:
        raise AddressNotFound(address_id=address_id)
    return found


async def find_default(tx: Tx, account_id: AccountId) -> Address | None:
    """The address a checkout starts with; None when the book is empty."""
    return next(iter(await storage.list_addresses(tx, account_id)), None)


async def create_address(
    tx: Tx, draft: AddressDraft, *, account_id: AccountId, address_id: AddressId, now: datetime
) -> Address:
    """Write a new address; the first of an account becomes its default.

    An address equal to one in the book is not written twice: the one there is returned.
    Raises Refusals by field; AddressesFull from the 51st on.
    """
    ready, version, names = await _checked(tx, draft)
    await storage.lock_book(tx, account_id)
    book = await storage.list_addresses(tx, account_id)
    same = next((it for it in book if _draft_of(it) == replace(ready, is_default=False)), None)
    if same:
        return await set_default(tx, account_id, same.id, now=now) if ready.is_default else same
    rules.check_room(len(book))
    if ready.is_default:
        await storage.unset_default(tx, account_id, now=now)
    ready = replace(ready, is_default=ready.is_default or not book)
    return await storage.insert_address(
        tx, address_id, account_id, ready, version=version, names=names, now=now
    )


async def edit_address(
    tx: Tx, draft: AddressDraft, *, account_id: AccountId, address_id: AddressId, now: datetime
) -> Address:
    """Rewrite an address. A default stays the default until another becomes it.

    Orders placed before keep what they were placed with. Raises AddressNotFound, Refusals.
    """
    ready, version, names = await _checked(tx, draft)
    await storage.lock_book(tx, account_id)
    before = await get_address(tx, account_id, address_id)
    if ready.is_default and not before.is_default:
        await storage.unset_default(tx, account_id, now=now)
    ready = replace(ready, is_default=ready.is_default or before.is_default)
    return await storage.update_address(
        tx, address_id, account_id, ready, version=version, names=names, now=now
    )


async def delete_address(
    tx: Tx, account_id: AccountId, address_id: AddressId, *, now: datetime
) -> None:
    """Take an address out of the book; the newest other becomes the default when it was that.

    Raises AddressNotFound, also the second time.
    """
    await storage.lock_book(tx, account_id)
    gone = await get_address(tx, account_id, address_id)
    await storage.delete_address(tx, account_id, address_id, now=now)
    left = await storage.list_addresses(tx, account_id)
    if gone.is_default and left:
        await storage.set_default(tx, account_id, left[0].id, now=now)


async def set_default(
    tx: Tx, account_id: AccountId, address_id: AddressId, *, now: datetime
) -> Address:
    """Make an address the one a checkout starts with. Raises AddressNotFound."""
    await storage.lock_book(tx, account_id)
    found = await get_address(tx, account_id, address_id)
    if found.is_default:
        return found
    await storage.unset_default(tx, account_id, now=now)
    await storage.set_default(tx, account_id, address_id, now=now)
    return await get_address(tx, account_id, address_id)


async def snapshots(tx: Tx, asked: Sequence[tuple[AccountId, AddressId]]) -> list[Snapshot | None]:
    """What orders keep of each address, one per pair, same order, in one statement.

    None where the account has no such address: missing, deleted, or someone else's.
    """
    found = await storage.addresses_of(tx, asked)
    return [snapshot_of(found[pair]) if pair in found else None for pair in asked]


def snapshot_of(address: Address) -> Snapshot:
    """The JSON an order keeps: ids as text, region names from the province down."""
    return {
        "address_id": str(address.id),
        "country": address.country,
        "receiver": address.receiver,
        "phone": address.phone,
        "region_code": address.region_code,
        "region_version": address.region_version,
        "regions": list(address.region_names),
        "detail": address.detail,
        "city": address.city,
        "state": address.state,
        "postcode": address.postcode,
    }


async def list_regions(tx: Tx, parent_code: int | None) -> list[Region]:
    """What to choose from below a region, or the provinces; empty below a leaf.

    Code-book cities such as 市辖区 are skipped: their districts stand directly below the province.
    """
    return await storage.region_choices(tx, parent_code)


async def region_path(tx: Tx, code: int) -> list[Region]:
    """The visible regions from the province down to ``code``; empty when it is not known."""
    chain = await storage.region_chain(tx, code) if 0 < code <= CODE_MAX else []
    return [region for region in chain if not region.is_hidden]


async def _checked(tx: Tx, draft: AddressDraft) -> tuple[AddressDraft, str | None, list[str]]:
    code = draft.region_code if draft.country.strip().upper() == CHINA else None
    is_code = code is not None and 0 < code <= CODE_MAX
    chain = await storage.region_chain(tx, code) if code is not None and is_code else []
    ready = rules.checked(draft, chain)
    if ready.country != CHINA:
        return ready, None, []
    return ready, await storage.region_version(tx), rules.shown_names(chain)


def _draft_of(address: Address) -> AddressDraft:
    return AddressDraft(
        receiver=address.receiver,
        phone=address.phone,
        detail=address.detail,
        country=address.country,
        region_code=address.region_code,
        city=address.city,
        state=address.state,
        postcode=address.postcode,
    )
