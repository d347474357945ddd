"""Favourites and follows in PostgreSQL."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from jishi.db import Tx, load_sql
from jishi.kit.ids import AccountId, ProductId, ShopId, cell_of

_LOCK: Final = "SELECT pg_advisory_xact_lock(hashtextextended('follows', $1))"
_ADD_FAVOURITE: Final = """
INSERT INTO favourite (cell, account_id, product_id, position, price_minor, added_at)
VALUES ($1, $2, $3, $4, $5, $6)
"""
_DROP_FAVOURITE: Final = """
DELETE FROM favourite WHERE cell = $1 AND account_id = $2 AND product_id = $3
"""
_HAS_FAVOURITE: Final = """
SELECT EXISTS (SELECT FROM favourite WHERE cell = $1 AND account_id = $2 AND product_id = $3)
"""
_COUNT_FAVOURITES: Final = "SELECT count(*) FROM favourite WHERE cell = $1 AND account_id = $2"
_FOLLOW: Final = """
INSERT INTO shop_follow (cell, account_id, shop_id, position, followed_at)
VALUES ($1, $2, $3, $4, $5)
"""
_UNFOLLOW: Final = """
DELETE FROM shop_follow WHERE cell = $1 AND account_id = $2 AND shop_id = $3
"""
_FOLLOWS: Final = """
SELECT EXISTS (SELECT FROM shop_follow WHERE cell = $1 AND account_id = $2 AND shop_id = $3)
"""
_COUNT_SHOPS: Final = "SELECT count(*) FROM shop_follow WHERE cell = $1 AND account_id = $2"
_FOLLOWERS: Final = "SELECT followers FROM shop_follower_count WHERE cell = $1 AND shop_id = $2"
_OPEN_COUNTS: Final = """
INSERT INTO shop_follower_count (cell, shop_id, followers)
SELECT cell_of(s.id), s.id, 0 FROM unnest($1::bigint[]) s (id) ORDER BY cell_of(s.id), s.id
ON CONFLICT DO NOTHING
"""
_COUNT: Final = load_sql(__package__, "count_followers")


async def lock_list(tx: Tx, account_id: AccountId) -> None:
    """Holds what an account follows against every other change until ``tx`` ends."""
    await tx.execute(_LOCK, account_id)


async def add_favourite(
    tx: Tx,
    account_id: AccountId,
    product_id: ProductId,
    *,
    position: int,
    price_minor: int,
    now: datetime,
) -> None:
    """The caller holds the list and has seen that it is none yet."""
    cell = cell_of(account_id)
    await tx.execute(_ADD_FAVOURITE, cell, account_id, product_id, position, price_minor, now)


async def drop_favourite(tx: Tx, account_id: AccountId, product_id: ProductId) -> bool:
    done = await tx.execute(_DROP_FAVOURITE, cell_of(account_id), account_id, product_id)
    return bool(done == "DELETE 1")


async def has_favourite(tx: Tx, account_id: AccountId, product_id: ProductId) -> bool:
    mine = (cell_of(account_id), account_id, product_id)
    return bool(await tx.fetchval(_HAS_FAVOURITE, *mine))


async def count_favourites(tx: Tx, account_id: AccountId) -> int:
    return int(await tx.fetchval(_COUNT_FAVOURITES, cell_of(account_id), account_id))


async def follow(
    tx: Tx, account_id: AccountId, shop_id: ShopId, *, position: int, now: datetime
) -> None:
    """As ``add_favourite``."""
    await tx.execute(_FOLLOW, cell_of(account_id), account_id, shop_id, position, now)


async def unfollow(tx: Tx, account_id: AccountId, shop_id: ShopId) -> bool:
    done = await tx.execute(_UNFOLLOW, cell_of(account_id), account_id, shop_id)
    return bool(done == "DELETE 1")


async def follows_shop(tx: Tx, account_id: AccountId, shop_id: ShopId) -> bool:
    return bool(await tx.fetchval(_FOLLOWS, cell_of(account_id), account_id, shop_id))


async def count_shops(tx: Tx, account_id: AccountId) -> int:
    return int(await tx.fetchval(_COUNT_SHOPS, cell_of(account_id), account_id))


async def followers_of(tx: Tx, shop_id: ShopId) -> int:
    return int(await tx.fetchval(_FOLLOWERS, cell_of(shop_id), shop_id) or 0)


async def add_followers(tx: Tx, changes: Mapping[ShopId, int]) -> None:
    """Add to the counts of shops, in one statement, rows in the order of their key."""
    shops = list(changes)
    await tx.execute(_OPEN_COUNTS, shops)
    await tx.execute(_COUNT, shops, list(changes.values()))
