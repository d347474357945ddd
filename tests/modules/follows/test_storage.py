"""Favourites and follows: once each, bounded, and a shop's followers counted from what is told."""

from datetime import UTC, datetime

import pytest

from jishi.db import Pool, Tx
from jishi.db.outbox import Event
from jishi.kit.ids import AccountId, IdMaker, ShopId
from jishi.modules import follows
from jishi.modules.follows import service
from jishi.modules.follows.types import FavouritesFull, ShopsFull
from tests.support.makers import at_once, events_of

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def told(topic: str, shop_id: int) -> Event:
    payload = {"shop_id": str(shop_id), "account_id": "7"}
    return Event(position=1, topic=topic, subject_id=7, payload=payload, occurred_at=NOON)


async def test_a_heart_twice_is_a_heart(tx: Tx, ids: IdMaker) -> None:
    me, product = AccountId(ids.make(3)), ids.make(9)
    for price in (500, 900):
        await follows.add_favourite(tx, me, product, ids, price_minor=price, now=NOON)  # type: ignore[arg-type]
    row = await tx.fetchrow("SELECT price_minor FROM favourite WHERE account_id = $1", me)
    assert row["price_minor"] == 500, "the price when it was favoured"
    for _ in range(2):
        await follows.remove_favourite(tx, me, product, now=NOON)  # type: ignore[arg-type]
    assert not await follows.has_favourite(tx, me, product)  # type: ignore[arg-type]
    assert await events_of(tx, me) == ["follows.favourite_added", "follows.favourite_removed"]


async def test_there_is_an_end_to_what_one_may_keep(
    tx: Tx, ids: IdMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "FAVOURITES_MAX", 2)
    monkeypatch.setattr(service, "SHOPS_MAX", 1)
    me = AccountId(ids.make(3))
    for _ in range(2):
        await follows.add_favourite(tx, me, ids.make(9), ids, price_minor=1, now=NOON)  # type: ignore[arg-type]
    with pytest.raises(FavouritesFull):
        await follows.add_favourite(tx, me, ids.make(9), ids, price_minor=1, now=NOON)  # type: ignore[arg-type]
    await follows.follow_shop(tx, me, ShopId(ids.make(4)), ids, now=NOON)
    with pytest.raises(ShopsFull):
        await follows.follow_shop(tx, me, ShopId(ids.make(4)), ids, now=NOON)


async def test_one_follow_of_many_at_once_is_told(pool: Pool, ids: IdMaker) -> None:
    me, shop = AccountId(ids.make(3)), ShopId(ids.make(4))

    async def follow(tx: Tx) -> None:
        await follows.follow_shop(tx, me, shop, ids, now=NOON)

    await at_once(pool, *[follow] * 4)
    assert await events_of(pool, me) == ["follows.shop_followed"]


async def test_followers_are_counted_from_events(tx: Tx, ids: IdMaker) -> None:
    one, other = sorted(ShopId(ids.make(at)) for at in (5, 6))
    followed, unfollowed = "follows.shop_followed", "follows.shop_unfollowed"
    events = [told(followed, one), told(followed, other), told(followed, one)]
    await follows.count_followers(tx, events)
    await follows.count_followers(tx, [told(unfollowed, one), told(followed, other)])
    assert await follows.followers_of(tx, one) == 1
    assert await follows.followers_of(tx, other) == 2
    assert await follows.followers_of(tx, ShopId(ids.make(7))) == 0
