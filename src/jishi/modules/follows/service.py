"""What the rest of Jishi may ask of follows. Each call runs inside the caller's transaction."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from jishi.db import Tx, outbox
from jishi.db.outbox import Event
from jishi.kit.ids import AccountId, IdMaker, ProductId, ShopId, cell_of
from jishi.modules.follows import storage
from jishi.modules.follows.types import (
    FAVOURITES_MAX,
    SHOPS_MAX,
    FavouriteAdded,
    FavouriteRemoved,
    FavouritesFull,
    ShopFollowed,
    ShopsFull,
    ShopUnfollowed,
)

SIGNS: Final = {ShopFollowed.topic: 1, ShopUnfollowed.topic: -1}


async def add_favourite(
    tx: Tx,
    account_id: AccountId,
    product_id: ProductId,
    ids: IdMaker,
    *,
    price_minor: int,
    now: datetime,
) -> None:
    """``price_minor``: its lowest price now, kept to tell a drop. Raises FavouritesFull."""
    await storage.lock_list(tx, account_id)
    if await storage.has_favourite(tx, account_id, product_id):
        return
    if await storage.count_favourites(tx, account_id) >= FAVOURITES_MAX:
        raise FavouritesFull(limit=FAVOURITES_MAX)
    position = ids.make(cell_of(account_id))
    await storage.add_favourite(
        tx, account_id, product_id, position=position, price_minor=price_minor, now=now
    )
    event = FavouriteAdded(
        account_id=account_id, product_id=product_id, price_minor=price_minor, occurred_at=now
    )
    await outbox.append(tx, [event])


async def remove_favourite(
    tx: Tx, account_id: AccountId, product_id: ProductId, *, now: datetime
) -> None:
    if await storage.drop_favourite(tx, account_id, product_id):
        event = FavouriteRemoved(account_id=account_id, product_id=product_id, occurred_at=now)
        await outbox.append(tx, [event])


async def has_favourite(tx: Tx, account_id: AccountId, product_id: ProductId) -> bool:
    return await storage.has_favourite(tx, account_id, product_id)


async def follow_shop(
    tx: Tx, account_id: AccountId, shop_id: ShopId, ids: IdMaker, *, now: datetime
) -> None:
    """Raises ShopsFull."""
    await storage.lock_list(tx, account_id)
    if await storage.follows_shop(tx, account_id, shop_id):
        return
    if await storage.count_shops(tx, account_id) >= SHOPS_MAX:
        raise ShopsFull(limit=SHOPS_MAX)
    position = ids.make(cell_of(account_id))
    await storage.follow(tx, account_id, shop_id, position=position, now=now)
    await outbox.append(tx, [ShopFollowed(account_id=account_id, shop_id=shop_id, occurred_at=now)])


async def unfollow_shop(tx: Tx, account_id: AccountId, shop_id: ShopId, *, now: datetime) -> None:
    if await storage.unfollow(tx, account_id, shop_id):
        event = ShopUnfollowed(account_id=account_id, shop_id=shop_id, occurred_at=now)
        await outbox.append(tx, [event])


async def follows_shop(tx: Tx, account_id: AccountId, shop_id: ShopId) -> bool:
    return await storage.follows_shop(tx, account_id, shop_id)


async def followers_of(tx: Tx, shop_id: ShopId) -> int:
    """As the listener has counted so far: seconds behind at most."""
    return await storage.followers_of(tx, shop_id)


async def count_followers(tx: Tx, events: Sequence[Event]) -> None:
    """Add what these events tell to the shops' counts."""
    changes: Counter[ShopId] = Counter()
    for event in events:
        changes[ShopId(int(event.payload["shop_id"]))] += SIGNS[event.topic]
    if changes:
        await storage.add_followers(tx, dict(sorted(changes.items())))
