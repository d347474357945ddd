"""Inboxes and outgoing messages against PostgreSQL."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from jishi import db
from jishi.db.outbox import Event
from jishi.kit.ids import AccountId, IdMaker, ShopId
from jishi.modules.notices import jobs, provider, service, storage
from jishi.modules.notices.listeners import LISTENERS
from jishi.modules.notices.types import Channel, Outgoing
from jishi.modules.notices.words import Shown
from jishi.web.shown import Market

NOW = datetime(2026, 11, 22, 12, 30, tzinfo=UTC)


def an_event(
    ids: IdMaker,
    buyer: int,
    shop: int,
    *,
    topic: str = "orders.paid",
    at: datetime = NOW,
    **more: Any,
) -> Event:
    payload = {"buyer_id": str(buyer), "shop_id": str(shop), "amount_minor": 100, **more}
    return Event(position=1, topic=topic, subject_id=ids.make(2), payload=payload, occurred_at=at)


async def hear(tx: db.Tx, *events: Event, now: datetime = NOW) -> None:
    await LISTENERS[0].handle(tx, events, now)


async def test_a_batch_of_events_reaches_every_inbox(tx: db.Tx, ids: IdMaker) -> None:
    shop = ShopId(ids.make(2))
    buyers = [AccountId(ids.make(cell)) for cell in (1, 2, 3)]
    await hear(tx, *[an_event(ids, buyer, shop) for buyer in buyers])
    for buyer in buyers:
        mine = (await service.list_inbox(tx, buyer, size=10)).items
        assert [(it.kind, it.is_read) for it in mine] == [("order.paid", False)]
    theirs = (await service.list_inbox(tx, buyers[0], shop_id=shop, size=10)).items
    assert [(it.kind, it.facts["count"], it.facts["amount_minor"]) for it in theirs] == [
        ("shop.paid", 3, 300)
    ]


async def test_later_batches_add_to_the_message_of_the_hour(tx: db.Tx, ids: IdMaker) -> None:
    shop, buyer = ShopId(ids.make(2)), AccountId(ids.make(1))
    await hear(tx, an_event(ids, buyer, shop))
    await hear(tx, an_event(ids, buyer, shop), an_event(ids, buyer, shop))
    await hear(
        tx, an_event(ids, buyer, shop, at=NOW + timedelta(hours=1)), now=NOW + timedelta(hours=1)
    )
    theirs = (await service.list_inbox(tx, buyer, shop_id=shop, size=10)).items
    assert [it.facts["count"] for it in theirs] == [1, 3]


async def test_an_empty_batch_and_unheard_topics_write_nothing(tx: db.Tx, ids: IdMaker) -> None:
    before = await tx.fetchval("SELECT count(*) FROM notice")
    await hear(tx)
    await hear(tx, an_event(ids, 5, 9, topic="orders.placed"))
    assert await tx.fetchval("SELECT count(*) FROM notice") == before


async def test_two_listeners_on_one_shop_add_up(pool: db.Pool, ids: IdMaker) -> None:
    shops = [ShopId(ids.make(2)) for _ in range(4)]
    buyer = AccountId(ids.make(1))

    async def batch(order: list[ShopId]) -> None:
        async with db.transaction(pool) as tx:
            await hear(tx, *[an_event(ids, buyer, shop) for shop in order])

    await asyncio.gather(*[batch(shops if n % 2 else shops[::-1]) for n in range(8)])
    async with db.reading(pool) as tx:
        for shop in shops:
            found = (await service.list_inbox(tx, buyer, shop_id=shop, size=5)).items
            assert [it.facts["count"] for it in found] == [8]


async def test_pages_follow_each_other(tx: db.Tx, ids: IdMaker) -> None:
    shop, buyer = ids.make(2), AccountId(ids.make(1))
    await hear(tx, *[an_event(ids, buyer, shop) for _ in range(25)])
    first = await service.list_inbox(tx, buyer, size=20)
    assert first.next_cursor
    last = await service.list_inbox(tx, buyer, cursor=first.next_cursor, size=20)
    assert (len(first.items), len(last.items), last.next_cursor) == (20, 5, None)


async def test_reading_is_each_persons_own(tx: db.Tx, ids: IdMaker) -> None:
    shop = ShopId(ids.make(2))
    ann, bo = AccountId(ids.make(1)), AccountId(ids.make(1))
    await hear(tx, an_event(ids, ann, shop))
    await service.read_all(tx, ann, shop_id=shop, now=NOW)
    assert (await service.list_inbox(tx, ann, shop_id=shop, size=5)).items[0].is_read
    assert not (await service.list_inbox(tx, bo, shop_id=shop, size=5)).items[0].is_read
    await service.read_all(tx, ann, now=NOW)
    assert (await service.list_inbox(tx, ann, size=5)).items[0].is_read
    later = NOW + timedelta(minutes=1)
    await hear(tx, an_event(ids, ann, shop, at=later), now=later)
    assert not (await service.list_inbox(tx, ann, shop_id=shop, size=5)).items[0].is_read


class Carrier:
    """Carries, or fails as often as told."""

    def __init__(self, failures: int = 0) -> None:
        self.failures = failures
        self.carried: list[tuple[str, Shown]] = []

    async def carry(self, message: Outgoing, words: Shown) -> None:
        if self.failures:
            self.failures -= 1
            raise ConnectionRefusedError("no carrier")
        self.carried.append((message.address, words))


async def outgoing(pool: db.Pool, address: str) -> list[Outgoing]:
    async with db.reading(pool) as tx:
        return await service.newest_outgoing(tx, address=address)


async def send_all(pool: db.Pool, carrier: Carrier, now: datetime) -> int:
    carriers: dict[Channel, provider.Transport] = {Channel.SMS: carrier, Channel.MAIL: carrier}
    return await jobs.send_outgoing(pool, carriers, Market(), now=now)


async def write(pool: db.Pool, address: str) -> None:
    async with db.transaction(pool) as tx:
        facts = {"code": "123456", "minutes": "5"}
        await service.send_to_address(
            tx,
            channel="mail",
            address=address,
            kind="code.enter",
            facts=facts,
            locale="en",
            now=NOW,
        )


async def test_a_message_leaves_once_in_the_words_of_its_reader(pool: db.Pool) -> None:
    carrier, address = Carrier(), "once@example.com"
    await pool.execute("DELETE FROM notice")
    await write(pool, address)
    assert await send_all(pool, carrier, NOW) == 1
    assert await send_all(pool, carrier, NOW + timedelta(days=1)) == 0
    assert carrier.carried[0][0] == address
    assert carrier.carried[0][1].text.startswith("123456 is your Jishi code")
    assert (await outgoing(pool, address))[0].sent_at == NOW


async def test_a_failing_carrier_is_tried_again_then_given_up(pool: db.Pool) -> None:
    address = "again@example.com"
    await pool.execute("DELETE FROM notice")
    await write(pool, address)
    carrier = Carrier(failures=9)
    now = NOW
    assert await send_all(pool, carrier, now) == 1
    assert await send_all(pool, carrier, now + timedelta(seconds=1)) == 0
    for _ in range(5):
        now += timedelta(minutes=10)
        await send_all(pool, carrier, now)
    message = (await outgoing(pool, address))[0]
    assert (message.attempts, message.sent_at) == (4, None)
    assert "no carrier" in str(message.last_error)


async def test_codes_are_forgotten_after_a_day_and_inboxes_after_half_a_year(
    tx: db.Tx, ids: IdMaker
) -> None:
    buyer = AccountId(ids.make(1))
    await tx.execute("DELETE FROM notice")
    await hear(tx, an_event(ids, buyer, ids.make(2)))
    await storage.send(
        tx,
        channel=Channel.SMS,
        address="+8613800138000",
        kind="code.enter",
        facts={},
        locale="en",
        now=NOW,
    )
    assert await service.forget_old(tx, now=NOW + timedelta(hours=23)) == 0
    assert await service.forget_old(tx, now=NOW + timedelta(hours=25)) == 1
    assert await service.forget_old(tx, now=NOW + timedelta(days=181)) == 2
