from collections.abc import Sequence
from datetime import timedelta
from random import Random

import pytest

from jishi.db import Tx
from jishi.flows.cancel_orders import Cancellation, CancelVerdict, cancel
from jishi.flows.cancel_orders.rules import judge
from jishi.kit.ids import AccountId, IdMaker, OrderId, ShopId
from jishi.modules.orders import OrderState
from tests.support.book import Kept, a_book, is_theirs, kept_order, last_of, on_hand, with_repeats
from tests.support.invariants import Sound
from tests.support.makers import NOON, UNPAID_FOR, a_town, an_order, events_of, stock_of
from tests.support.plans import reading

TICK = timedelta(microseconds=1)


def judged(orders: dict[OrderId, Kept], batch: Sequence[Cancellation]) -> list[CancelVerdict]:
    """The rule on one item after the other; ``orders`` stand as they would afterwards."""
    verdicts = []
    for asked in batch:
        kept = orders.get(asked.order_id)
        verdict = judge(
            state=kept.state if kept else None,
            is_theirs=is_theirs(kept, asked),
            why=asked.why,
            expires_at=kept.expires_at if kept else NOON,
            now=asked.at,
        )
        if verdict is CancelVerdict.CANCELLED:
            assert kept
            kept.state, kept.version = OrderState.CANCELLED, kept.version + 1
            kept.closed_why = asked.why
        verdicts.append(verdict)
    return verdicts


def wishes(chance: Random, ids: IdMaker, orders: Sequence[Kept]) -> list[Cancellation]:
    made = []
    for kept in orders:
        why = chance.choice(["buyer_cancelled", "shop_cancelled", "lapsed", "lapsed"])
        near = kept.expires_at + chance.choice([-TICK, timedelta(0), TICK])
        stranger = chance.random() < 0.2
        made.append(
            Cancellation(
                order_id=kept.id,
                actor={"buyer_cancelled": "buyer", "shop_cancelled": "shop"}.get(why, "clock"),
                at=near,
                why=why,
                buyer_id=(AccountId(ids.make(1)) if stranger else kept.buyer_id)
                if why == "buyer_cancelled"
                else None,
                shop_id=(ShopId(ids.make(1)) if stranger else kept.shop_id)
                if why == "shop_cancelled"
                else None,
            )
        )
    made += [
        Cancellation(order_id=OrderId(ids.make(at)), actor="clock", at=NOON, why="lapsed")
        for at in range(9)
    ]
    return with_repeats(chance, made)


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_the_function_judges_as_the_rule(
    tx: Tx, ids: IdMaker, sound: Sound, seed: int
) -> None:
    chance = Random(seed)
    book = await a_book(tx, ids, chance)
    batch = wishes(chance, ids, [*book.orders, *book.orders])
    orders = {kept.id: kept for kept in book.orders}
    versions = {kept.id: kept.version for kept in book.orders}
    free = await on_hand(tx, book.town)
    verdicts = await cancel(tx, batch)
    assert verdicts == judged(orders, batch)
    assert set(verdicts) == set(CancelVerdict)
    for kept in orders.values():
        after = await kept_order(tx, kept.id)
        assert (after.state, after.version, after.closed_why) == (
            kept.state, kept.version, kept.closed_why,
        )  # fmt: skip
        if kept.version > versions[kept.id]:
            for line in kept.lines:
                free[line["sku_id"], line["warehouse_id"]] += line["quantity"]
    assert await on_hand(tx, book.town) == free
    await sound(tx)


async def test_stock_is_free_again_at_once_and_the_world_is_told(tx: Tx, ids: IdMaker) -> None:
    town = await a_town(tx, ids, stock=5)
    order_id = await an_order(tx, ids, town, pieces=3)
    assert await stock_of(tx, town.goods[0]) == (2, 3, 0)
    await cancel(
        tx,
        [Cancellation(order_id=order_id, actor="shop", at=NOON, why="shop_cancelled", actor_id=7)],
    )
    assert await stock_of(tx, town.goods[0]) == (5, 0, 0)
    assert await events_of(tx, order_id) == ["orders.placed", "orders.cancelled"]
    step = await tx.fetchrow(
        "SELECT * FROM sale_order_step WHERE order_id = $1 AND version = 2", order_id
    )
    assert (step["actor"], step["actor_id"], step["why"]) == ("shop", 7, "shop_cancelled")


async def test_a_stranger_in_the_same_batch_changes_nothing_for_the_owner(
    tx: Tx, ids: IdMaker
) -> None:
    town = await a_town(tx, ids)
    order_id = await an_order(tx, ids, town)
    buyer, other = town.buyers
    batch = [
        Cancellation(order_id=order_id, actor="buyer", at=NOON, why="buyer_cancelled", buyer_id=who)
        for who in (other.account_id, buyer.account_id, buyer.account_id)
    ]
    assert await cancel(tx, batch) == [
        CancelVerdict.UNKNOWN, CancelVerdict.CANCELLED, CancelVerdict.WRONG_STATE,
    ]  # fmt: skip


@pytest.mark.parametrize("size", [1, 128, 500])
async def test_a_batch_of_any_size_reads_by_its_size_alone(tx: Tx, ids: IdMaker, size: int) -> None:
    town = await a_town(tx, ids)
    order_id = await an_order(tx, ids, town)
    ids_asked = last_of(size, ids, order_id)
    batch = [
        Cancellation(order_id=each, actor="clock", at=NOON + UNPAID_FOR, why="lapsed")
        for each in ids_asked
    ]
    async with reading(tx) as reads:
        verdicts = await cancel(tx, batch)
    assert verdicts == [CancelVerdict.UNKNOWN] * (size - 1) + [CancelVerdict.CANCELLED]
    assert reads.scanned == []
