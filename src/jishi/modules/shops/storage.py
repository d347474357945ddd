"""Shops, staff and invitations in PostgreSQL."""

from datetime import datetime

from jishi.db import Row, Tx
from jishi.kit.ids import AccountId, Cell, ShopId, cell_of
from jishi.modules.shops.types import (
    Invitation,
    InvitationId,
    Member,
    Role,
    Shop,
    ShopKind,
    ShopSettings,
    ShopState,
)

_LEAST_USED_CELL = """
SELECT c FROM generate_series(0, 255) c
LEFT JOIN (SELECT cell, count(*) AS shops FROM shop GROUP BY cell) s ON s.cell = c
ORDER BY coalesce(s.shops, 0), c LIMIT 1
"""
_OWNED = "SELECT count(*) FROM shop_staff WHERE account_id = $1 AND role = 'owner'"
_LOCK_OWNER = "SELECT pg_advisory_xact_lock(hashtextextended('shop owner', $1))"
_INSERT = """
INSERT INTO shop (cell, id, owner_id, name, name_en, about, logo, phone, state, freight_minor,
    free_freight_from_minor, ship_within_hours, opened_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $13, $9, $10, $11, $12)
"""
_FIND = "SELECT * FROM shop WHERE cell = $1 AND id = $2"
_LOCK = "SELECT * FROM shop WHERE cell = $1 AND id = $2 FOR NO KEY UPDATE"
_UPDATE = """
UPDATE shop SET (name, name_en, about, logo, phone, freight_minor, free_freight_from_minor,
    ship_within_hours, state, holiday_note, version) = ($3, $4, $5, $6, $7, $8, $9, $10,
    CASE WHEN state IN ('open', 'holiday') THEN $11 ELSE state END, $12, version + 1)
WHERE cell = $1 AND id = $2
RETURNING *
"""
_OF_ACCOUNT = """
SELECT s.*, m.role FROM shop_staff m JOIN shop s ON s.cell = m.cell AND s.id = m.shop_id
WHERE m.account_id = $1 ORDER BY m.role = 'owner' DESC, s.id DESC LIMIT 200
"""
_ADD_MEMBER = """
INSERT INTO shop_staff (cell, shop_id, account_id, role, added_at, added_by)
VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING
"""
_MEMBERS = """
SELECT shop_id, account_id, role, added_at, added_by FROM shop_staff
WHERE cell = $1 AND shop_id = $2
ORDER BY array_position('{owner,manager,clerk,warehouse}', role), added_at, account_id
"""
_SET_ROLE = "UPDATE shop_staff SET role = $4 WHERE cell = $1 AND shop_id = $2 AND account_id = $3"
_SET_OWNER = "UPDATE shop SET owner_id = $3, version = version + 1 WHERE cell = $1 AND id = $2"
_REMOVE = """
DELETE FROM shop_staff WHERE cell = $1 AND shop_id = $2 AND account_id = $3 AND role <> 'owner'
"""
_INVITE = """
INSERT INTO shop_invitation (cell, id, shop_id, role, token_hash, created_by, created_at, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
"""
_OPEN_INVITATIONS = """
SELECT id, shop_id, role, created_by, created_at, expires_at, accepted_by, accepted_at, revoked_at
FROM shop_invitation
WHERE cell = $1 AND shop_id = $2 AND accepted_at IS NULL AND revoked_at IS NULL AND expires_at > $3
ORDER BY id DESC
"""
_FIND_INVITATION = """
SELECT id, shop_id, role, created_by, created_at, expires_at, accepted_by, accepted_at, revoked_at
FROM shop_invitation WHERE cell = $1 AND id = $2 AND token_hash = $3
"""
_LOCK_INVITATION = _FIND_INVITATION + " FOR NO KEY UPDATE"
_ACCEPT = """
UPDATE shop_invitation SET accepted_by = $3, accepted_at = $4
WHERE cell = $1 AND id = $2 AND accepted_at IS NULL AND revoked_at IS NULL
"""
_REVOKE = """
UPDATE shop_invitation SET revoked_at = $4
WHERE cell = $1 AND id = $2 AND shop_id = $3 AND accepted_at IS NULL AND revoked_at IS NULL
"""
_TELL = "SELECT pg_notify('identity_changed', $1::bigint::text)"


async def least_used_cell(tx: Tx) -> Cell:
    """The cell with the fewest shops; the lowest of several."""
    return Cell(await tx.fetchval(_LEAST_USED_CELL))


async def count_owned(tx: Tx, account_id: AccountId) -> int:
    """How many shops an account owns; other openings by it wait until ``tx`` ends."""
    await tx.execute(_LOCK_OWNER, account_id)
    return int(await tx.fetchval(_OWNED, account_id))


async def insert_shop(
    tx: Tx,
    shop_id: ShopId,
    owner_id: AccountId,
    it: ShopSettings,
    state: ShopState,
    *,
    now: datetime,
) -> None:
    words = (it.name, it.name_en, it.about, it.logo, it.phone)
    figures = (it.freight_minor, it.free_freight_from_minor, it.ship_within_hours)
    await tx.execute(_INSERT, cell_of(shop_id), shop_id, owner_id, *words, *figures, now, state)


async def find_shop(tx: Tx, shop_id: ShopId) -> Shop | None:
    row = await tx.fetchrow(_FIND, cell_of(shop_id), shop_id)
    return _shop(row) if row else None


async def lock_shop(tx: Tx, shop_id: ShopId) -> Shop | None:
    """The shop, held against change of itself, its staff and invitations until ``tx`` ends."""
    row = await tx.fetchrow(_LOCK, cell_of(shop_id), shop_id)
    return _shop(row) if row else None


async def update_shop(tx: Tx, shop_id: ShopId, it: ShopSettings) -> Shop:
    """The caller holds the shop."""
    words = (it.name, it.name_en, it.about, it.logo, it.phone)
    figures = (it.freight_minor, it.free_freight_from_minor, it.ship_within_hours)
    state = ShopState.HOLIDAY if it.is_on_holiday else ShopState.OPEN
    row = await tx.fetchrow(
        _UPDATE, cell_of(shop_id), shop_id, *words, *figures, state, it.holiday_note
    )
    assert row, f"shop {shop_id} was not there"
    return _shop(row)


async def shops_of(tx: Tx, account_id: AccountId) -> list[tuple[Shop, Role]]:
    """Shops the account works in, its own first; at most 200."""
    rows = await tx.fetch(_OF_ACCOUNT, account_id)
    return [(_shop(row), Role(row["role"])) for row in rows]


async def list_members(tx: Tx, shop_id: ShopId) -> list[Member]:
    """The owner first, then by role."""
    rows = await tx.fetch(_MEMBERS, cell_of(shop_id), shop_id)
    return [Member(**{**row, "role": Role(row["role"])}) for row in rows]


async def add_member(
    tx: Tx, shop_id: ShopId, account_id: AccountId, role: Role, *, by: AccountId, now: datetime
) -> bool:
    """False when the account works there already."""
    done = await tx.execute(_ADD_MEMBER, cell_of(shop_id), shop_id, account_id, role, now, by)
    await tx.execute(_TELL, account_id)
    return str(done) == "INSERT 0 1"


async def set_role(tx: Tx, shop_id: ShopId, account_id: AccountId, role: Role) -> None:
    await tx.execute(_SET_ROLE, cell_of(shop_id), shop_id, account_id, role)
    await tx.execute(_TELL, account_id)


async def remove_member(tx: Tx, shop_id: ShopId, account_id: AccountId) -> None:
    await tx.execute(_REMOVE, cell_of(shop_id), shop_id, account_id)
    await tx.execute(_TELL, account_id)


async def set_owner(tx: Tx, shop_id: ShopId, account_id: AccountId) -> None:
    """The caller has changed the roles of both: the old owner's first."""
    await tx.execute(_SET_OWNER, cell_of(shop_id), shop_id, account_id)


async def tell_staff(tx: Tx, shop_id: ShopId) -> None:
    """Everyone's identity carries the shop's name: let it be read again."""
    for member in await list_members(tx, shop_id):
        await tx.execute(_TELL, member.account_id)


async def insert_invitation(tx: Tx, it: Invitation, token_hash: bytes) -> None:
    mine = (cell_of(it.id), it.id, it.shop_id, it.role, token_hash)
    await tx.execute(_INVITE, *mine, it.created_by, it.created_at, it.expires_at)


async def open_invitations(tx: Tx, shop_id: ShopId, *, now: datetime) -> list[Invitation]:
    rows = await tx.fetch(_OPEN_INVITATIONS, cell_of(shop_id), shop_id, now)
    return [_invitation(row) for row in rows]


async def find_invitation(
    tx: Tx, invitation_id: InvitationId, token_hash: bytes
) -> Invitation | None:
    row = await tx.fetchrow(_FIND_INVITATION, cell_of(invitation_id), invitation_id, token_hash)
    return _invitation(row) if row else None


async def lock_invitation(
    tx: Tx, invitation_id: InvitationId, token_hash: bytes
) -> Invitation | None:
    row = await tx.fetchrow(_LOCK_INVITATION, cell_of(invitation_id), invitation_id, token_hash)
    return _invitation(row) if row else None


async def accept_invitation(
    tx: Tx, invitation_id: InvitationId, account_id: AccountId, *, now: datetime
) -> None:
    done = await tx.execute(_ACCEPT, cell_of(invitation_id), invitation_id, account_id, now)
    assert done == "UPDATE 1", f"invitation {invitation_id} was not open: {done}"


async def revoke_invitation(
    tx: Tx, shop_id: ShopId, invitation_id: InvitationId, *, now: datetime
) -> bool:
    done = await tx.execute(_REVOKE, cell_of(shop_id), invitation_id, shop_id, now)
    return str(done) == "UPDATE 1"


def _shop(row: Row) -> Shop:
    kept = {name: value for name, value in row.items() if name not in {"cell", "role"}}
    return Shop(**{**kept, "state": ShopState(row["state"]), "kind": ShopKind(row["kind"])})


def _invitation(row: Row) -> Invitation:
    return Invitation(**{**row, "role": Role(row["role"])})
