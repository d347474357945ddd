"""What writing a review reads of orders, people and pictures."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from jishi.db import Tx, load_sql
from jishi.flows.write_review.types import Bought
from jishi.kit.ids import AccountId, MediaId, OrderId, ReviewId, ShopId, cell_of
from jishi.modules.reviews.types import Purchase

_PURCHASE: Final = load_sql(__package__, "purchase")
_DOUBTED: Final = load_sql(__package__, "doubted_votes")
_HAS_COMPLETED: Final = """
SELECT EXISTS (SELECT FROM sale_order WHERE buyer_id = $1 AND state = 100)
"""
_NAME: Final = "SELECT name FROM account WHERE cell = $1 AND id = $2"
_OWN_PICTURES: Final = """
SELECT m.id FROM unnest($2::bigint[]) a (id) JOIN media m ON m.cell = $1 AND m.id = a.id
WHERE m.shop_id = $3 AND m.created_by = $4
"""


async def find_bought(tx: Tx, order_id: OrderId, line: int) -> Bought | None:
    row = await tx.fetchrow(_PURCHASE, cell_of(order_id), order_id, line)
    if row is None:
        return None
    further = ("title", "picture", "shop_name", "shop_name_en")
    facts = {name: value for name, value in row.items() if name not in further}
    return Bought(purchase=Purchase(**facts), **{name: row[name] for name in further})


async def has_completed(tx: Tx, account_id: AccountId) -> bool:
    """Whether someone has ever completed a purchase."""
    return bool(await tx.fetchval(_HAS_COMPLETED, account_id))


async def name_of(tx: Tx, account_id: AccountId) -> str:
    return str(await tx.fetchval(_NAME, cell_of(account_id), account_id) or "")


async def own_pictures(
    tx: Tx, shop_id: ShopId, account_id: AccountId, ids: Sequence[MediaId]
) -> set[MediaId]:
    """Those of the pictures that this account has uploaded for this shop."""
    rows = await tx.fetch(_OWN_PICTURES, cell_of(shop_id), ids, shop_id, account_id)
    return {row["id"] for row in rows}


async def doubted_votes(
    tx: Tx, *, since: datetime, opened_before: int, limit: int
) -> list[tuple[ReviewId, AccountId]]:
    """Votes that may count by now: review and account."""
    rows = await tx.fetch(_DOUBTED, since, opened_before, limit)
    return [(row["review_id"], row["account_id"]) for row in rows]
