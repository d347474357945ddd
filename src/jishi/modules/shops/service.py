"""What the rest of Jishi may ask of shops. Each call runs inside the caller's transaction."""

import secrets
from datetime import datetime

from jishi.db import Tx, outbox
from jishi.kit.ids import AccountId, Cell, ShopId
from jishi.modules.shops import rules, storage
from jishi.modules.shops import storage_applications as applications
from jishi.modules.shops.types import (
    INVITATION_LIFE,
    INVITATIONS_MAX,
    SHOPS_OWNED_MAX,
    STAFF_MAX,
    AlreadyStaff,
    Invitation,
    InvitationId,
    InvitationInvalid,
    InvitationsFull,
    Member,
    MemberNotFound,
    NewShop,
    Role,
    RoleNotYours,
    Shop,
    ShopChanged,
    ShopEdited,
    ShopNotFound,
    ShopOpened,
    ShopSettings,
    ShopsFull,
    ShopState,
    StaffFull,
)
from jishi.modules.shops.types_applications import (
    OF_PERSONS,
    OWNED_MAX,
    KindFull,
    PapersBound,
)


async def least_used_cell(tx: Tx) -> Cell:
    """Where the next shop opens."""
    return await storage.least_used_cell(tx)


async def open_shop(
    tx: Tx,
    shop: NewShop,
    *,
    shop_id: ShopId,
    owner_id: AccountId,
    now: datetime,
    state: ShopState = ShopState.OPEN,
) -> None:
    """Write a shop and its owner. Raises Refusals by field, ShopsFull.

    A shop needs a warehouse as well: flow ``open_shop`` does both.
    """
    settings = rules.starting_settings(shop)
    if await storage.count_owned(tx, owner_id) >= SHOPS_OWNED_MAX:
        raise ShopsFull(limit=SHOPS_OWNED_MAX)
    await storage.insert_shop(tx, shop_id, owner_id, settings, state, now=now)
    await storage.add_member(tx, shop_id, owner_id, Role.OWNER, by=owner_id, now=now)
    event = ShopOpened(subject_id=shop_id, owner_id=owner_id, name=settings.name, occurred_at=now)
    await outbox.append(tx, [event])


async def get_shop(tx: Tx, shop_id: ShopId) -> Shop:
    """Raises ShopNotFound."""
    found = await storage.find_shop(tx, shop_id)
    if found is None:
        raise ShopNotFound(shop_id=shop_id)
    return found


async def shops_of(tx: Tx, account_id: AccountId) -> list[tuple[Shop, Role]]:
    """Shops the account works in with its role, its own first; at most 200."""
    return await storage.shops_of(tx, account_id)


async def change_settings(
    tx: Tx, shop_id: ShopId, settings: ShopSettings, *, version: int, now: datetime
) -> Shop:
    """Write what a shop says of itself. A closed shop stays closed.

    Raises Refusals by field; ShopNotFound; ShopEdited when ``version`` is not the newest.
    """
    ready = rules.checked(settings)
    before = await _held(tx, shop_id)
    if before.version != version:
        raise ShopEdited(version=before.version)
    shop = await storage.update_shop(tx, shop_id, ready)
    if shop.name != before.name:
        await storage.tell_staff(tx, shop_id)
    event = ShopChanged(
        subject_id=shop_id,
        name=shop.name,
        state=shop.state,
        is_renamed=(shop.name, shop.name_en) != (before.name, before.name_en),
        occurred_at=now,
    )
    await outbox.append(tx, [event])
    return shop


async def list_members(tx: Tx, shop_id: ShopId) -> list[Member]:
    """The owner first, then by role; at most 200."""
    return await storage.list_members(tx, shop_id)


async def open_invitations(tx: Tx, shop_id: ShopId, *, now: datetime) -> list[Invitation]:
    """Those one could still use, the newest first; at most 50."""
    return await storage.open_invitations(tx, shop_id, now=now)


async def invite(
    tx: Tx,
    shop_id: ShopId,
    role: str,
    *,
    invitation_id: InvitationId,
    actor_id: AccountId,
    now: datetime,
) -> str:
    """A token that lets one person join in ``role`` within 7 days, once; only its hash is kept.

    Raises RoleInvalid, RoleNotYours, InvitationsFull, StaffFull.
    """
    await _held(tx, shop_id)
    actor = await _member(tx, shop_id, actor_id)
    given = rules.check_gift_of_role(actor.role, role)
    if len(await storage.open_invitations(tx, shop_id, now=now)) >= INVITATIONS_MAX:
        raise InvitationsFull(limit=INVITATIONS_MAX)
    await _check_room(tx, shop_id)
    secret = secrets.token_urlsafe(32)
    invitation = Invitation(
        id=invitation_id,
        shop_id=shop_id,
        role=given,
        created_by=actor_id,
        created_at=now,
        expires_at=now + INVITATION_LIFE,
        accepted_by=None,
        accepted_at=None,
        revoked_at=None,
    )
    await storage.insert_invitation(tx, invitation, rules.hash_of(secret))
    return rules.token_of(invitation_id, secret)


async def find_invitation(tx: Tx, token: str, *, now: datetime) -> tuple[Invitation, Shop]:
    """The invitation behind a link and its shop. Raises InvitationInvalid."""
    invitation_id, token_hash = rules.read_token(token)
    found = await storage.find_invitation(tx, invitation_id, token_hash)
    if found is None:
        raise InvitationInvalid
    rules.check_open(found, now=now)
    return found, await get_shop(tx, found.shop_id)


async def accept_invitation(
    tx: Tx, token: str, *, account_id: AccountId, now: datetime
) -> Invitation:
    """Join the shop's staff. Of two who use a link at once the second meets InvitationInvalid.

    Raises InvitationInvalid, AlreadyStaff (the link stays good), StaffFull.
    """
    invitation_id, token_hash = rules.read_token(token)
    seen = await storage.find_invitation(tx, invitation_id, token_hash)
    if seen is None:
        raise InvitationInvalid
    await _held(tx, seen.shop_id)
    found = await storage.lock_invitation(tx, invitation_id, token_hash)
    assert found, "invitations are never deleted"
    rules.check_open(found, now=now)
    await _check_room(tx, found.shop_id)
    is_new = await storage.add_member(
        tx, found.shop_id, account_id, found.role, by=found.created_by, now=now
    )
    if not is_new:
        raise AlreadyStaff(shop_id=found.shop_id)
    await storage.accept_invitation(tx, invitation_id, account_id, now=now)
    return found


async def revoke_invitation(
    tx: Tx, shop_id: ShopId, invitation_id: InvitationId, *, now: datetime
) -> None:
    """Raises InvitationInvalid when it is not open any more."""
    if not await storage.revoke_invitation(tx, shop_id, invitation_id, now=now):
        raise InvitationInvalid


async def change_role(
    tx: Tx, shop_id: ShopId, account_id: AccountId, role: str, *, actor_id: AccountId
) -> None:
    """Raises MemberNotFound, RoleInvalid, RoleNotYours, OwnerStays."""
    await _held(tx, shop_id)
    actor = await _member(tx, shop_id, actor_id)
    member = await _member(tx, shop_id, account_id)
    new = rules.check_role_change(actor, member, role)
    await storage.set_role(tx, shop_id, account_id, new)


async def remove_member(
    tx: Tx, shop_id: ShopId, account_id: AccountId, *, actor_id: AccountId
) -> None:
    """Take someone out of the staff, or leave. Raises MemberNotFound, OwnerStays, RoleNotYours."""
    await _held(tx, shop_id)
    actor = await _member(tx, shop_id, actor_id)
    member = await _member(tx, shop_id, account_id)
    rules.check_removal(actor, member)
    await storage.remove_member(tx, shop_id, account_id)


async def hand_over(
    tx: Tx, shop_id: ShopId, account_id: AccountId, *, actor_id: AccountId, now: datetime
) -> None:
    """Make another member the owner; the old owner stays as manager.

    A registration goes along; a shop approved on its owner's own papers stays with them. Raises
    RoleNotYours for anyone but the owner, MemberNotFound, PapersBound, ShopsFull and KindFull of the heir.
    """
    shop = await _held(tx, shop_id)
    if shop.owner_id != actor_id or account_id == actor_id:
        raise RoleNotYours(role=Role.OWNER)
    await _member(tx, shop_id, account_id)
    if await storage.count_owned(tx, account_id) >= SHOPS_OWNED_MAX:
        raise ShopsFull(limit=SHOPS_OWNED_MAX)
    if shop.kind in OF_PERSONS:
        raise PapersBound
    limit = OWNED_MAX.get(shop.kind)
    owned = await applications.count_of_kind(tx, account_id, shop.kind, but=shop_id)
    if limit is not None and owned >= limit:
        raise KindFull(limit=limit)
    await applications.hand_over(tx, shop_id, account_id)
    await storage.set_role(tx, shop_id, actor_id, Role.MANAGER)
    await storage.set_role(tx, shop_id, account_id, Role.OWNER)
    await storage.set_owner(tx, shop_id, account_id)
    event = ShopChanged(
        subject_id=shop_id, name=shop.name, state=shop.state, is_renamed=False, occurred_at=now
    )
    await outbox.append(tx, [event])


async def _held(tx: Tx, shop_id: ShopId) -> Shop:
    shop = await storage.lock_shop(tx, shop_id)
    if shop is None:
        raise ShopNotFound(shop_id=shop_id)
    return shop


async def _member(tx: Tx, shop_id: ShopId, account_id: AccountId) -> Member:
    members = await storage.list_members(tx, shop_id)
    found = next((it for it in members if it.account_id == account_id), None)
    if found is None:
        raise MemberNotFound(account_id=account_id)
    return found


async def _check_room(tx: Tx, shop_id: ShopId) -> None:
    if len(await storage.list_members(tx, shop_id)) >= STAFF_MAX:
        raise StaffFull(limit=STAFF_MAX)
