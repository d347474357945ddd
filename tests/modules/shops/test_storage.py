"""Shops against the real database: opening, settings, staff, invitations, races."""

import asyncio
from datetime import timedelta

import pytest

from jishi import db
from jishi.kit.ids import AccountId, IdMaker, cell_of
from jishi.modules.shops import Role, service
from jishi.modules.shops import storage_applications as applications
from jishi.modules.shops.types import (
    AlreadyStaff,
    InvitationId,
    InvitationInvalid,
    InvitationsFull,
    RoleNotYours,
    ShopEdited,
    ShopSettings,
    ShopState,
)
from jishi.modules.shops.types_applications import PapersBound
from jishi.modules.stock import list_warehouses
from tests.support.goods import NOW, AShop, a_shop, an_account


async def invite(tx: db.Tx, ids: IdMaker, shop: AShop, role: str = "clerk") -> str:
    return await service.invite(
        tx,
        shop.id,
        role,
        invitation_id=InvitationId(ids.make(cell_of(shop.id))),
        actor_id=shop.owner_id,
        now=NOW,
    )


async def roles(tx: db.Tx, shop: AShop) -> dict[AccountId, Role]:
    return {it.account_id: it.role for it in await service.list_members(tx, shop.id)}


def settings(**fields: object) -> ShopSettings:
    plain: dict[str, object] = {
        "name": "山里来信",
        "name_en": "",
        "about": "",
        "logo": None,
        "phone": "",
        "freight_minor": 0,
        "free_freight_from_minor": None,
        "ship_within_hours": 48,
        "is_on_holiday": False,
        "holiday_note": "",
    }
    return ShopSettings(**{**plain, **fields})  # type: ignore[arg-type]


async def test_a_shop_opens_in_the_least_used_cell_with_owner_and_warehouse(
    tx: db.Tx, ids: IdMaker
) -> None:
    first, second = await a_shop(tx, ids), await a_shop(tx, ids)
    assert cell_of(first.id) != cell_of(second.id)
    assert await roles(tx, first) == {first.owner_id: Role.OWNER}
    (warehouse,) = await list_warehouses(tx, first.id)
    assert warehouse.is_default
    topics = await tx.fetch("SELECT topic FROM outbox WHERE subject_id = $1", first.id)
    assert [row["topic"] for row in topics] == ["shops.opened"]


async def test_settings_are_saved_against_the_version_they_were_read_with(
    tx: db.Tx, ids: IdMaker
) -> None:
    shop = await a_shop(tx, ids)
    saved = await service.change_settings(
        tx,
        shop.id,
        settings(is_on_holiday=True, holiday_note=" 8 日 回来 ", freight_minor=800),
        version=1,
        now=NOW,
    )
    assert (saved.state, saved.holiday_note, saved.freight_minor) == (
        ShopState.HOLIDAY,
        "8 日 回来",
        800,
    )
    with pytest.raises(ShopEdited):
        await service.change_settings(tx, shop.id, settings(), version=1, now=NOW)
    back = await service.change_settings(tx, shop.id, settings(), version=2, now=NOW)
    assert back.state is ShopState.OPEN


async def test_an_invitation_works_once_and_only_its_hash_is_kept(tx: db.Tx, ids: IdMaker) -> None:
    shop = await a_shop(tx, ids)
    token = await invite(tx, ids, shop)
    kept = await tx.fetchval(
        "SELECT shop_invitation::text FROM shop_invitation WHERE shop_id = $1", shop.id
    )
    assert token.split("-", 1)[1] not in kept
    guest, late = await an_account(tx, ids), await an_account(tx, ids)
    await service.accept_invitation(tx, token, account_id=guest, now=NOW)
    assert (await roles(tx, shop))[guest] is Role.CLERK
    with pytest.raises(InvitationInvalid):
        await service.accept_invitation(tx, token, account_id=late, now=NOW)


async def test_invitations_run_out_are_withdrawn_and_refused_to_staff(
    tx: db.Tx, ids: IdMaker
) -> None:
    shop = await a_shop(tx, ids)
    guest = await an_account(tx, ids)
    token = await invite(tx, ids, shop)
    with pytest.raises(InvitationInvalid):
        await service.accept_invitation(tx, token, account_id=guest, now=NOW + timedelta(days=7))
    (opened,) = await service.open_invitations(tx, shop.id, now=NOW)
    await service.revoke_invitation(tx, shop.id, opened.id, now=NOW)
    with pytest.raises(InvitationInvalid):
        await service.accept_invitation(tx, token, account_id=guest, now=NOW)
    with pytest.raises(InvitationInvalid):
        await service.revoke_invitation(tx, shop.id, opened.id, now=NOW)


async def test_the_owner_does_not_become_a_clerk_by_their_own_link(tx: db.Tx, ids: IdMaker) -> None:
    shop = await a_shop(tx, ids)
    token = await invite(tx, ids, shop)
    with pytest.raises(AlreadyStaff):
        await service.accept_invitation(tx, token, account_id=shop.owner_id, now=NOW)
    assert await roles(tx, shop) == {shop.owner_id: Role.OWNER}


async def test_another_shop_cannot_withdraw_an_invitation(tx: db.Tx, ids: IdMaker) -> None:
    shop, other = await a_shop(tx, ids), await a_shop(tx, ids)
    await invite(tx, ids, shop)
    (opened,) = await service.open_invitations(tx, shop.id, now=NOW)
    with pytest.raises(InvitationInvalid):
        await service.revoke_invitation(tx, other.id, opened.id, now=NOW)


async def test_fifty_open_invitations_are_the_limit(tx: db.Tx, ids: IdMaker) -> None:
    shop = await a_shop(tx, ids)
    for _ in range(50):
        await invite(tx, ids, shop)
    with pytest.raises(InvitationsFull):
        await invite(tx, ids, shop)


async def test_a_shop_is_handed_over_by_its_owner_only(tx: db.Tx, ids: IdMaker) -> None:
    shop = await a_shop(tx, ids)
    heir = await an_account(tx, ids)
    await service.accept_invitation(
        tx, await invite(tx, ids, shop, "manager"), account_id=heir, now=NOW
    )
    with pytest.raises(RoleNotYours):
        await service.hand_over(tx, shop.id, heir, actor_id=heir, now=NOW)
    await service.hand_over(tx, shop.id, heir, actor_id=shop.owner_id, now=NOW)
    assert await roles(tx, shop) == {heir: Role.OWNER, shop.owner_id: Role.MANAGER}
    assert (await service.get_shop(tx, shop.id)).owner_id == heir


@pytest.mark.parametrize("kind", ["individual", "second_hand"])
async def test_a_shop_on_its_owners_own_papers_is_not_handed_over(
    tx: db.Tx, ids: IdMaker, kind: str
) -> None:
    shop, heir = await a_shop(tx, ids), await an_account(tx, ids)
    token = await invite(tx, ids, shop, "manager")
    await service.accept_invitation(tx, token, account_id=heir, now=NOW)
    await tx.execute("UPDATE shop SET kind = $2 WHERE id = $1", shop.id, kind)
    with pytest.raises(PapersBound):
        await service.hand_over(tx, shop.id, heir, actor_id=shop.owner_id, now=NOW)


async def test_a_registration_goes_along_with_its_shop(tx: db.Tx, ids: IdMaker) -> None:
    shop, heir = await a_shop(tx, ids), await an_account(tx, ids)
    token = await invite(tx, ids, shop, "manager")
    await service.accept_invitation(tx, token, account_id=heir, now=NOW)
    await tx.execute("UPDATE shop SET kind = 'business' WHERE id = $1", shop.id)
    number = f"91350100M{shop.id}"
    await applications.register(tx, number, shop.owner_id, shop.id, now=NOW)
    assert await applications.is_taken(tx, number, heir)
    await service.hand_over(tx, shop.id, heir, actor_id=shop.owner_id, now=NOW)
    assert not await applications.is_taken(tx, number, heir)


async def test_of_six_who_use_one_link_at_once_one_joins(pool: db.Pool, ids: IdMaker) -> None:
    async with db.transaction(pool) as tx:
        shop = await a_shop(tx, ids)
        guests = [await an_account(tx, ids) for _ in range(6)]
        token = await invite(tx, ids, shop)

    async def join(guest: AccountId) -> bool:
        try:
            async with db.transaction(pool) as tx:
                await service.accept_invitation(tx, token, account_id=guest, now=NOW)
                await asyncio.sleep(0.01)
        except InvitationInvalid:
            return False
        return True

    assert sum(await asyncio.gather(*map(join, guests))) == 1
    async with db.transaction(pool) as tx:
        assert len(await roles(tx, shop)) == 2
