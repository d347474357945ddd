"""Address books and regions in PostgreSQL."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from jishi import db
from jishi.data import load_reference
from jishi.db import Pool, Tx
from jishi.kit.errors import Refusals
from jishi.kit.ids import AccountId, AddressId, IdMaker, cell_of
from jishi.modules.places import service
from jishi.modules.places.types import (
    ADDRESSES_MAX,
    Address,
    AddressDraft,
    AddressesFull,
    AddressNotFound,
)

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
DONGCHENG, SHIJIE_TOWN = 110101, 441900101


@pytest.fixture
def account(ids: IdMaker) -> AccountId:
    return AccountId(ids.make(17))


def a_draft(**changes: object) -> AddressDraft:
    draft = AddressDraft(
        receiver="李小明", phone="13800138000", detail="1 号", region_code=DONGCHENG
    )
    return replace(draft, **changes)  # type: ignore[arg-type]


async def create(tx: Tx, ids: IdMaker, account: AccountId, **changes: object) -> Address:
    return await service.create_address(
        tx,
        a_draft(**changes),
        account_id=account,
        address_id=AddressId(ids.make(cell_of(account))),
        now=NOON,
    )


async def defaults(tx: Tx, account: AccountId) -> list[bool]:
    return [it.is_default for it in await service.list_addresses(tx, account)]


async def test_the_first_address_is_the_default(tx: Tx, ids: IdMaker, account: AccountId) -> None:
    first = await create(tx, ids, account)
    second = await create(tx, ids, account, detail="2 号")
    assert (first.is_default, second.is_default) == (True, False)
    assert first.region_names == ["北京市", "东城区"]
    assert first.region_version
    assert await defaults(tx, account) == [True, False]


async def test_there_is_one_default_at_a_time(tx: Tx, ids: IdMaker, account: AccountId) -> None:
    await create(tx, ids, account)
    second = await create(tx, ids, account, detail="2 号", is_default=True)
    third = await create(tx, ids, account, detail="3 号")
    assert await defaults(tx, account) == [True, False, False]
    await service.set_default(tx, account, third.id, now=NOON)
    found = await service.find_default(tx, account)
    assert found
    assert found.id == third.id
    await service.delete_address(tx, account, third.id, now=NOON)
    found = await service.find_default(tx, account)
    assert found
    assert (found.id, found.is_default) == (second.id, True)


async def test_the_same_address_is_written_once(tx: Tx, ids: IdMaker, account: AccountId) -> None:
    first = await create(tx, ids, account)
    again = await create(tx, ids, account, receiver=" 李小明 ", is_default=True)
    assert again.id == first.id


async def test_the_fifty_first_address_is_refused(tx: Tx, ids: IdMaker, account: AccountId) -> None:
    for number in range(ADDRESSES_MAX):
        await create(tx, ids, account, detail=f"{number} 号")
    with pytest.raises(AddressesFull):
        await create(tx, ids, account, detail="one more")


async def test_two_at_once_leave_one_default(pool: Pool, ids: IdMaker, account: AccountId) -> None:
    async def add(detail: str) -> None:
        async with db.transaction(pool) as tx:
            await create(tx, ids, account, detail=detail, is_default=True)

    await asyncio.gather(*(add(f"{number} 号") for number in range(8)))
    async with db.reading(pool) as tx:
        assert sorted(await defaults(tx, account)) == [False] * 7 + [True]


async def test_nobody_reaches_the_address_of_another(
    tx: Tx, ids: IdMaker, account: AccountId
) -> None:
    mine = await create(tx, ids, account)
    other = AccountId(ids.make(17))
    with pytest.raises(AddressNotFound):
        await service.get_address(tx, other, mine.id)
    with pytest.raises(AddressNotFound):
        await service.delete_address(tx, other, mine.id, now=NOON)
    with pytest.raises(AddressNotFound):
        await service.edit_address(tx, a_draft(), account_id=other, address_id=mine.id, now=NOON)


async def test_snapshots_answer_each_pair_in_order(
    tx: Tx, ids: IdMaker, account: AccountId
) -> None:
    mine = await create(tx, ids, account)
    gone = await create(tx, ids, account, detail="gone")
    await service.delete_address(tx, account, gone.id, now=NOON)
    other = AccountId(ids.make(40))
    asked = [(other, mine.id), (account, gone.id), (account, mine.id), (account, mine.id)]
    first, second, third, fourth = await service.snapshots(tx, asked)
    assert (first, second) == (None, None)
    assert third == fourth
    assert third
    assert third["regions"] == ["北京市", "东城区"]
    assert third["address_id"] == str(mine.id)
    assert await service.snapshots(tx, []) == []


async def test_editing_keeps_the_default_and_checks_the_region(
    tx: Tx, ids: IdMaker, account: AccountId
) -> None:
    mine = await create(tx, ids, account)
    edited = await service.edit_address(
        tx,
        a_draft(region_code=SHIJIE_TOWN),
        account_id=account,
        address_id=mine.id,
        now=NOON,
    )
    assert edited.is_default
    assert edited.region_names == ["广东省", "东莞市", "石碣镇"]
    with pytest.raises(Refusals):
        await create(tx, ids, account, region_code=4419)
    with pytest.raises(Refusals):
        await create(tx, ids, account, region_code=99)


async def names(tx: Tx, parent: int | None) -> list[str]:
    return [region.name for region in await service.list_regions(tx, parent)]


async def test_regions_are_offered_without_names_nobody_writes(tx: Tx) -> None:
    assert len(await names(tx, None)) == 34
    assert {"东城区", "延庆区"} <= set(await names(tx, 11))
    assert {"渝中区", "城口县"} <= set(await names(tx, 50))
    henan = await names(tx, 41)
    assert {"郑州市", "济源市"} <= set(henan)
    assert "省直辖县级行政区划" not in henan
    assert "石碣镇" in await names(tx, 4419)
    assert "中西区" in await names(tx, 8101)
    assert await names(tx, 110101001) == []


async def test_loading_reference_data_again_changes_nothing(tx: Tx) -> None:
    assert await load_reference(tx) == {}


async def test_a_row_missing_in_a_newer_file_is_retired_and_comes_back(tx: Tx) -> None:
    await tx.execute("UPDATE reference_data SET digest = 'older'")
    await tx.execute(
        "INSERT INTO region (code, parent_code, level, name, is_hidden, is_leaf)"
        " VALUES (999999, 9999, 3, 'gone', false, true)"
    )
    await tx.execute("UPDATE category SET is_retired = true WHERE id = 1")
    assert await load_reference(tx) == {"category": 10281, "region": 45114}
    retired = "SELECT is_retired FROM region WHERE code = 999999"
    assert await tx.fetchval(retired) is True
    assert await tx.fetchval("SELECT is_retired FROM category WHERE id = 1") is False
