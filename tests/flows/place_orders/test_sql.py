from collections.abc import Sequence
from dataclasses import replace
from random import Random

import pytest

from jishi.db import Tx
from jishi.flows.place_orders import CheckoutAsked, Placed, Refused, place, rules
from jishi.flows.place_orders.flow import write
from jishi.flows.place_orders.rules import Demand, admit
from jishi.flows.place_orders.storage import sku_facts
from jishi.flows.place_orders.types import (
    PlannedCheckout,
    PriceChanged,
    ShopClosed,
    SkuFacts,
    SkuGone,
    StockShort,
)
from jishi.kit.errors import Refusal
from jishi.kit.ids import CheckoutId, IdMaker, OrderId, PaymentId, SkuId, cell_of
from tests.support.book import on_hand
from tests.support.invariants import Sound
from tests.support.makers import (
    NOON,
    TERMS,
    UNPAID_FOR,
    Town,
    a_checkout,
    a_town,
    events_of,
    place_all,
    stock_of,
)
from tests.support.plans import reading

WORDS = {
    SkuGone: "gone",
    ShopClosed: "shop_closed",
    PriceChanged: "price_changed",
    StockShort: "short",
}


async def plans_for(tx: Tx, ids: IdMaker, wishes: Sequence[CheckoutAsked]) -> list[PlannedCheckout]:
    """As ``place`` plans them, on what is known now."""
    skus = list({line.sku_id for wish in wishes for line in wish.lines})
    facts = await sku_facts(tx, skus, fee_bp=60)
    made = []
    for wish in wishes:
        orders = rules.plan_orders(
            wish, facts, order_id=lambda shop: OrderId(ids.make(cell_of(shop)))
        )
        assert not isinstance(orders, Refused)
        cell = cell_of(wish.buyer_id)
        made.append(
            PlannedCheckout(
                id=CheckoutId(ids.make(cell)),
                buyer_id=wish.buyer_id,
                payment_id=PaymentId(ids.make(cell)),
                key=wish.key,
                request_hash=wish.request_hash,
                address={"city": "Singapore"},
                channel="direct",
                provider="sandbox",
                currency="CNY",
                placed_at=NOON,
                expires_at=NOON + UNPAID_FOR,
                orders=orders,
            )
        )
    return made


async def disturb(tx: Tx, town: Town, chance: Random) -> None:
    """What may happen between planning and writing: prices, listing, shops and stock change."""
    for goods in chance.sample(town.goods, 3):
        await tx.execute("UPDATE sku SET price_minor = price_minor + 1 WHERE id = $1", goods.sku_id)
    for goods in chance.sample(town.goods, 2):
        await tx.execute("UPDATE sku SET on_sale = false WHERE id = $1", goods.sku_id)
    (gone,) = chance.sample(town.goods, 1)
    await tx.execute("DELETE FROM sku WHERE id = $1", gone.sku_id)
    state = chance.choice(["holiday", "closed"])
    await tx.execute("UPDATE shop SET state = $2 WHERE id = $1", town.shops[0], state)
    for goods in chance.sample(town.goods, 12):
        left = chance.choice([0, 1, 5, 20])
        await tx.execute(
            "WITH moved AS (INSERT INTO stock_move (cell, sku_id, warehouse_id, kind, quantity,"
            " occurred_at) SELECT cell, sku_id, warehouse_id, 'lose', on_hand - $2, $3 FROM stock"
            " WHERE sku_id = $1 AND on_hand > $2)"
            " UPDATE stock SET lost = lost + on_hand - $2, on_hand = $2"
            " WHERE sku_id = $1 AND on_hand > $2",
            goods.sku_id,
            left,
            NOON,
        )


def judged(
    plans: Sequence[PlannedCheckout],
    facts: dict[SkuId, SkuFacts],
    free: dict[tuple[int, int], int],
) -> list[str | None]:
    """The rules on every line of the batch: what forbids a line by itself, then admission."""
    demands = []
    for at, plan in enumerate(plans):
        for order in plan.orders:
            for line in order.lines:
                sku = facts.get(line.sku.sku_id)
                refusal = rules.check_line(0, rules.as_asked(line), sku)
                word = WORDS[type(refusal)] if refusal else None
                pile = (line.sku.sku_id, line.warehouse_id)
                demands.append(Demand(at, pile, line.quantity, None if word == "short" else word))
    return admit(demands, free)


def told(
    refusals: Sequence[Sequence[Refusal]], plans: Sequence[PlannedCheckout]
) -> list[str | None]:
    """What ``write`` answered, line by line in the order of the batch."""
    found: list[str | None] = []
    for plan, against in zip(plans, refusals, strict=True):
        by_line = {str(each.field).split(".")[0]: WORDS[type(each)] for each in against}
        found += [
            by_line.get(f"lines[{line.asked_at}]") for order in plan.orders for line in order.lines
        ]
    return found


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
async def test_the_function_admits_as_the_rule(
    tx: Tx, ids: IdMaker, sound: Sound, seed: int
) -> None:
    chance = Random(seed)
    town = await a_town(tx, ids, shops=5, skus=6, buyers=7, stock=120)
    wishes = [
        a_checkout(
            ids,
            chance.choice(town.buyers),
            [
                (goods, chance.randint(1, 9))
                for goods in chance.sample(town.goods, chance.randint(1, 4))
            ],
        )
        for _ in range(200)
    ]
    plans = await plans_for(tx, ids, wishes)
    await disturb(tx, town, chance)
    facts = await sku_facts(tx, [goods.sku_id for goods in town.goods], fee_bp=60)
    free = await on_hand(tx, town)
    wanted = judged(plans, facts, free)
    refusals = await write(tx, plans)
    assert told(refusals, plans) == wanted
    assert {*wanted} == {None, *WORDS.values()}
    placed = [plan for plan, against in zip(plans, refusals, strict=True) if not against]
    assert 20 < len(placed) < 180
    await check_written(tx, plans, placed)
    for plan in placed:
        for order in plan.orders:
            for line in order.lines:
                free[line.sku.sku_id, line.warehouse_id] -= line.quantity
    assert await on_hand(tx, town) == free
    await sound(tx)


async def check_written(
    tx: Tx, plans: Sequence[PlannedCheckout], placed: Sequence[PlannedCheckout]
) -> None:
    rows = await tx.fetch(
        "SELECT * FROM sale_order WHERE id = ANY ($1)",
        [order.id for plan in plans for order in plan.orders],
    )
    assert {row["id"] for row in rows} == {order.id for plan in placed for order in plan.orders}
    orders = {order.id: (plan, order) for plan in placed for order in plan.orders}
    for row in rows:
        plan, order = orders[row["id"]]
        assert (row["goods_minor"], row["freight_minor"], row["amount_minor"], row["fee_bp"]) == (
            order.goods_minor, order.freight_minor, order.amount_minor, order.fee_bp,
        )  # fmt: skip
        assert (row["buyer_id"], row["shop_id"], row["checkout_id"], row["payment_id"]) == (
            plan.buyer_id, order.shop_id, plan.id, plan.payment_id,
        )  # fmt: skip
        assert (row["state"], row["version"], row["expires_at"]) == (10, 1, plan.expires_at)
    lines = await tx.fetch("SELECT * FROM sale_order_line WHERE order_id = ANY ($1)", list(orders))
    planned = {(o.id, line.line): line for _, o in orders.values() for line in o.lines}
    assert {(row["order_id"], row["line"]) for row in lines} == set(planned)
    for row in lines:
        line = planned[row["order_id"], row["line"]]
        assert (row["sku_id"], row["quantity"], row["price_minor"], row["freight_minor"]) == (
            line.sku.sku_id, line.quantity, line.price_minor, line.freight_minor,
        )  # fmt: skip
        assert (row["title"], row["options"], row["picture"]) == (
            line.sku.title, line.sku.options, line.sku.picture,
        )  # fmt: skip
    payments = await tx.fetch(
        "SELECT * FROM payment WHERE id = ANY ($1)", [plan.payment_id for plan in plans]
    )
    assert {row["id"]: (row["amount_minor"], row["order_ids"]) for row in payments} == {
        plan.payment_id: (plan.amount_minor, [order.id for order in plan.orders]) for plan in placed
    }


async def test_an_order_of_an_import_stands_on_what_was_agreed(
    tx: Tx, ids: IdMaker, sound: Sound
) -> None:
    """Price, listing and shop are not asked again; stock is, and the SKU must be the shop's."""
    town = await a_town(tx, ids, shops=2, skus=2, stock=3)
    wishes = [a_checkout(ids, town.buyers[0], [(goods, 3)]) for goods in town.goods for _ in (1, 2)]
    plans = [replace(each, actor="import") for each in await plans_for(tx, ids, wishes)]
    await tx.execute("UPDATE sku SET price_minor = 1, on_sale = false WHERE id = $1",
                     town.goods[0].sku_id)  # fmt: skip
    await tx.execute("UPDATE shop SET state = 'closed' WHERE id = $1", town.shops[0])
    await tx.execute("DELETE FROM sku WHERE id = $1", town.goods[3].sku_id)
    refusals = await write(tx, plans)
    assert [bool(against) for against in refusals] == [False, True] * 3 + [True, True]
    assert isinstance(refusals[-1][0], SkuGone)
    assert [await stock_of(tx, goods) for goods in town.goods] == [(0, 3, 0)] * 3 + [(3, 0, 0)]
    await sound(tx)


async def test_the_answer_says_how_many_are_left(tx: Tx, ids: IdMaker) -> None:
    town = await a_town(tx, ids, stock=5)
    goods, buyer = town.goods[0], town.buyers[0]
    verdicts = await place(
        tx, [a_checkout(ids, buyer, [(goods, pieces)]) for pieces in (4, 2, 1, 6)], ids, TERMS
    )
    assert [type(verdict) for verdict in verdicts] == [Placed, Refused, Placed, Refused]
    lefts = [v.refusals[0].facts["left"] for v in verdicts if isinstance(v, Refused)]
    assert lefts[0] == 1


async def test_lines_are_told_where_the_buyer_wrote_them(tx: Tx, ids: IdMaker) -> None:
    """Shops are taken apart and lines numbered anew; answers go back to the places of the request."""
    town = await a_town(tx, ids, shops=2, skus=2, stock=5)
    (a, b), (c, d) = (town.goods_of(shop) for shop in town.shops)
    wish = a_checkout(ids, town.buyers[0], [(c, 1), (a, 1), (d, 1), (b, 1)])
    (plan,) = await plans_for(tx, ids, [wish])
    await tx.execute("UPDATE sku SET price_minor = 7 WHERE id = ANY ($1)", [d.sku_id, b.sku_id])
    (against,) = await write(tx, [plan])
    assert [each.field for each in against] == ["lines[2].price_minor", "lines[3].price_minor"]
    assert [each.facts["price_minor"] for each in against] == [7, 7]


@pytest.mark.parametrize("count", [0, 1, 128, 500])
async def test_a_batch_of_any_size(tx: Tx, ids: IdMaker, sound: Sound, count: int) -> None:
    town = await a_town(tx, ids, shops=3, skus=3, buyers=5, stock=10_000)
    wishes = [
        a_checkout(
            ids, town.buyers[at % 5], [(town.goods[at % 9], 1), (town.goods[(at + 4) % 9], 2)]
        )
        for at in range(count)
    ]
    verdicts = await place(tx, wishes, ids, TERMS)
    assert [type(verdict) for verdict in verdicts] == [Placed] * count
    await sound(tx)


async def test_the_functions_read_by_the_size_of_the_batch_alone(tx: Tx, ids: IdMaker) -> None:
    town = await a_town(tx, ids, stock=1_000)
    wishes = [a_checkout(ids, town.buyers[at % 2], town.goods[at % 4]) for at in range(50)]
    plans = await plans_for(tx, ids, wishes)
    async with reading(tx) as reads:
        await write(tx, plans)
    assert reads.scanned == []


async def test_an_order_is_announced_with_its_amount(tx: Tx, ids: IdMaker) -> None:
    town = await a_town(tx, ids, shops=2, skus=1, freight_minor=700)
    wish = a_checkout(ids, town.buyers[0], [(goods, 1) for goods in town.goods])
    (placed,) = await place_all(tx, ids, [wish])
    for order_id, goods in zip(placed.order_ids, town.goods, strict=True):
        assert await events_of(tx, order_id) == ["orders.placed"]
        payload = await tx.fetchval("SELECT payload FROM outbox WHERE subject_id = $1", order_id)
        assert payload["amount_minor"] == goods.price_minor + 700
        assert payload["buyer_id"] == str(wish.buyer_id)
