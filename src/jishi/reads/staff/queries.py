"""Staff with their names."""

from datetime import datetime

from jishi.db import Row, Tx, load_sql
from jishi.kit.ids import ShopId

_STAFF = load_sql(__package__, "staff")
_INVITATIONS = load_sql(__package__, "invitations")


async def staff_of(tx: Tx, shop_id: ShopId) -> list[Row]:
    """account_id, role, added_at, name, added_by; the owner first, at most 200."""
    return list(await tx.fetch(_STAFF, shop_id))


async def invitations_of(tx: Tx, shop_id: ShopId, *, now: datetime) -> list[Row]:
    """id, role, created_at, expires_at, created_by; at most 50."""
    return list(await tx.fetch(_INVITATIONS, shop_id, now))
