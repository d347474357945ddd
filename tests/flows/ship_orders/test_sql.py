from collections.abc import Sequence
from datetime import timedelta
from random import Random
from typing import Any

import pytest

from jishi.db import Tx
from jishi.flows.ship_orders import Shipment, ShipVerdict, ship
from jishi.flows.ship_orders.rules import REFUSALS, judge
from jishi.kit.errors import Refusal
from jishi.kit.ids import IdMaker, OrderId, ShopId
from jishi.modules.orders import OrderState
from tests.support.book import Kept, a_book, kept_order, last_of
from tests.support.invariants import Sound
from tests.support.makers import (
    CONFIRM_AFTER,
    NOON,
    a_checkout,
    a_shipment,
    a_town,
    an_order,
    events_of,
    order_row,
    pay_all,
    place_all,
    state_of,
)
from tests.support.plans import reading

LATER = NOON + timedelta(hours=5)


def verdict_of(answer: ShipVerdict | Refusal) -> ShipVerdict:
    if isinstance(answer, ShipVerdict):
        return answer
    return next(verdict for verdict, refusal in REFUSALS.items() if refusal is type(answer))


def left_of(kept: Kept) -> dict[int, int]:
    return {line["line"]: line["quantity"] - line["shipped_quantity"] for line in kept.lines}


def wishes(chance: Random, ids: IdMaker, orders: Sequence[Kept]) -> list[Shipment]:
    """Each order at most once, as the function asks."""
    made = []
    for kept in orders:
        shop = ShopId(ids.make(1)) if chance.random() < 0.1 else kept.shop_id
        lines: list[tuple[int, int]] = []
        if chance.random() < 0.7:
            lines = [
                (chance.choice([*left_of(kept), 99]), chance.choice([0, 1, 1, 1, 2, 2, 3, 9]))
                for _ in range(chance.randint(1, 3))
            ]
        made.append(a_shipment(kept.id, shop, lines, at=LATER))
    made += [a_shipment(OrderId(ids.make(at)), ShopId(ids.make(at))) for at in range(9)]
    chance.shuffle(made)
    return made


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
async def test_the_function_judges_as_the_rule(
    tx: Tx, ids: IdMaker, sound: Sound, seed: int
) -> None:
    chance = Random(seed)
    book = await a_book(tx, ids, chance, each=14)
    orders = {kept.id: kept for kept in book.orders}
    batch = wishes(chance, ids, book.orders)
    answers = [verdict_of(each) for each in await ship(tx, batch, ids, confirm_after=CONFIRM_AFTER)]
    wanted = []
    for asked in batch:
        kept = orders.get(asked.order_id)
        is_theirs = kept is not None and kept.shop_id == asked.shop_id
        wanted.append(
            judge(
                state=kept.state if kept and is_theirs else None,
                left=left_of(kept) if kept else {},
                asked=asked.lines,
            )
        )
    assert answers == wanted
    assert set(answers) == set(ShipVerdict)
    for asked, verdict in zip(batch, answers, strict=True):
        if asked.order_id in orders:
            await check_written(tx, orders[asked.order_id], asked, verdict)
    await sound(tx)


async def check_written(tx: Tx, before: Kept, asked: Shipment, verdict: ShipVerdict) -> None:
    after = await kept_order(tx, before.id)
    left, now_left = left_of(before), left_of(after)
    parcels = await tx.fetch(
        "SELECT l.line, l.quantity FROM parcel p JOIN parcel_line l"
        " ON l.cell = p.cell AND l.parcel_id = p.id WHERE p.order_id = $1 AND p.shipped_at = $2",
        before.id,
        LATER,
    )
    sent = {row["line"]: row["quantity"] for row in parcels}
    if verdict not in (ShipVerdict.SHIPPED, ShipVerdict.PART_SHIPPED):
        assert (after.state, after.version, now_left, sent) == (
            before.state,
            before.version,
            left,
            {},
        )
        return
    whole = verdict is ShipVerdict.SHIPPED
    assert after.state is (OrderState.SHIPPED if whole else OrderState.PART_SHIPPED)
    assert after.version == before.version + 1
    wanted: dict[int, int] = {}
    for part in asked.lines:
        wanted[part.line] = wanted.get(part.line, 0) + part.quantity
    wanted = wanted or {line: pieces for line, pieces in left.items() if pieces}
    assert sent == wanted
    assert now_left == {line: pieces - sent.get(line, 0) for line, pieces in left.items()}
    row = await order_row(tx, before.id)
    assert row["shipped_at"] == (LATER if whole else None)
    assert row["confirm_by"] == (LATER + CONFIRM_AFTER if whole else None)


async def test_partial_parcels_till_the_order_is_whole(tx: Tx, ids: IdMaker, sound: Sound) -> None:
    town = await a_town(tx, ids, shops=1, skus=2)
    wish = a_checkout(ids, town.buyers[0], [(town.goods[0], 3), (town.goods[1], 2)])
    (placed,) = await place_all(tx, ids, [wish])
    await pay_all(tx, ids, [placed])
    (order_id,) = placed.order_ids
    steps: list[tuple[list[tuple[int, int]], Any, int]] = [
        ([(1, 1)], ShipVerdict.PART_SHIPPED, 21),
        ([(1, 3)], ShipVerdict.TOO_MANY, 21),
        ([(1, 1), (2, 2)], ShipVerdict.PART_SHIPPED, 21),
        ([(2, 1)], ShipVerdict.TOO_MANY, 21),
        ([], ShipVerdict.SHIPPED, 30),
        ([], ShipVerdict.WRONG_STATE, 30),
    ]
    for lines, verdict, state in steps:
        shipment = a_shipment(order_id, town.shops[0], lines)
        (answer,) = await ship(tx, [shipment], ids, confirm_after=CONFIRM_AFTER)
        assert verdict_of(answer) is verdict
        assert await state_of(tx, order_id) == state
    assert (await events_of(tx, order_id)).count("orders.shipped") == 3
    told = await tx.fetch(
        "SELECT payload FROM outbox WHERE subject_id = $1 AND topic = 'orders.shipped'"
        " ORDER BY position",
        order_id,
    )
    assert [row["payload"]["whole"] for row in told] == [False, False, True]
    assert await tx.fetchval("SELECT count(*) FROM parcel WHERE order_id = $1", order_id) == 3
    await sound(tx)


async def test_the_confirming_clock_may_start_elsewhere(tx: Tx, ids: IdMaker) -> None:
    town = await a_town(tx, ids)
    order_id = await an_order(tx, ids, town, until="to_ship")
    shipment = a_shipment(order_id, town.shops[0])
    await ship(tx, [shipment], ids, confirm_after=CONFIRM_AFTER, clock_from=LATER)
    row = await order_row(tx, order_id)
    assert (row["shipped_at"], row["confirm_by"]) == (NOON, LATER + CONFIRM_AFTER)


@pytest.mark.parametrize("size", [1, 128, 500])
async def test_a_batch_of_any_size_reads_by_its_size_alone(tx: Tx, ids: IdMaker, size: int) -> None:
    town = await a_town(tx, ids)
    order_id = await an_order(tx, ids, town, until="to_ship")
    batch = [a_shipment(each, town.shops[0]) for each in last_of(size, ids, order_id)]
    async with reading(tx) as reads:
        answers = await ship(tx, batch, ids, confirm_after=CONFIRM_AFTER)
    wanted = [ShipVerdict.UNKNOWN] * (size - 1) + [ShipVerdict.SHIPPED]
    assert [verdict_of(each) for each in answers] == wanted
    assert reads.scanned == []
