from collections.abc import Sequence
from random import Random
from typing import Any

import pytest

from jishi.db import Tx
from jishi.flows.refund_orders import RefundAsked, RefundOrderVerdict, end_refunds, refund
from jishi.flows.refund_orders.rules import judge
from jishi.kit.ids import AccountId, IdMaker, OrderId, RefundId, ShopId, cell_of
from jishi.modules.orders import OrderState
from jishi.modules.payments import (
    CallbackNews,
    Refund,
    RefundState,
    RefundVerdict,
    find_refund,
    judge_refund_news,
)
from tests.support.book import Kept, a_book, is_theirs, kept_order, last_of, on_hand, with_repeats
from tests.support.invariants import Sound
from tests.support.makers import (
    NOON,
    a_town,
    an_order,
    balance_of,
    events_of,
    refund_news,
    refunds_of,
    stock_of,
)
from tests.support.plans import reading


def judged(orders: dict[OrderId, Kept], batch: Sequence[RefundAsked]) -> list[RefundOrderVerdict]:
    """The rule on one item after the other; ``orders`` stand as they would afterwards."""
    verdicts = []
    for asked in batch:
        kept = orders.get(asked.order_id)
        verdict = judge(
            state=kept.state if kept else None,
            is_theirs=is_theirs(kept, asked),
        )
        if verdict is RefundOrderVerdict.REFUNDED:
            assert kept
            kept.state, kept.version = OrderState.REFUNDED, kept.version + 1
        verdicts.append(verdict)
    return verdicts


def wishes(chance: Random, ids: IdMaker, orders: Sequence[Kept]) -> list[RefundAsked]:
    made = []
    for kept in orders:
        stranger = chance.random() < 0.3
        by_shop = chance.random() < 0.5
        buyer = AccountId(ids.make(1)) if stranger else kept.buyer_id
        shop = ShopId(ids.make(1)) if stranger else kept.shop_id
        made.append(
            RefundAsked(
                order_id=kept.id,
                actor="shop" if by_shop else "buyer",
                at=NOON,
                why="shop_refunded" if by_shop else "buyer_refunded",
                buyer_id=None if by_shop else buyer,
                shop_id=shop if by_shop else None,
            )
        )
    made += [
        RefundAsked(order_id=OrderId(ids.make(at)), actor="buyer", at=NOON, why="buyer_refunded")
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
    before = {kept.id: kept.version for kept in book.orders}
    free = await on_hand(tx, book.town)
    answers = await refund(tx, batch, ids)
    assert [verdict for verdict, _ in answers] == judged(orders, batch)
    assert {verdict for verdict, _ in answers} == {
        each for each in RefundOrderVerdict if each is not RefundOrderVerdict.TOO_MUCH
    }  # whole orders are never too much; test_lines.py tests lines
    asked = {each.order_id: refund_id for each, (verdict, refund_id) in zip(batch, answers, strict=True)
             if verdict is RefundOrderVerdict.REFUNDED}  # fmt: skip
    for kept in orders.values():
        after = await kept_order(tx, kept.id)
        assert (after.state, after.version) == (kept.state, kept.version)
        if kept.version == before[kept.id]:
            continue
        (row,) = await refunds_of(tx, kept.id)
        assert (row["id"], row["amount_minor"], row["state"]) == (
            asked[kept.id], kept.amount_minor, "asked",
        )  # fmt: skip
        for line in kept.lines:
            free[line["sku_id"], line["warehouse_id"]] += line["quantity"]
    assert await on_hand(tx, book.town) == free
    await sound(tx)


async def test_money_waits_in_clearing_until_the_provider_has_sent_it(
    tx: Tx, ids: IdMaker, sound: Sound
) -> None:
    town = await a_town(tx, ids, stock=5)
    shop = town.shops[0]
    cell = cell_of(shop)
    order_id = await an_order(tx, ids, town, until="to_ship", pieces=2)
    amount = town.goods[0].price_minor * 2
    clearing = await balance_of(tx, "clearing:refund", 0, cell=cell)
    gateway = await balance_of(tx, "gateway:sandbox", 0, cell=cell)
    assert await balance_of(tx, "escrow", shop, cell=cell) == amount
    wish = RefundAsked(order_id=order_id, actor="buyer", at=NOON, why="buyer_refunded")
    await refund(tx, [wish], ids)
    assert await balance_of(tx, "escrow", shop, cell=cell) == 0
    assert await balance_of(tx, "clearing:refund", 0, cell=cell) == clearing + amount
    assert await stock_of(tx, town.goods[0]) == (5, 0, 0)
    (row,) = await refunds_of(tx, order_id)
    assert await end_refunds(tx, [refund_news(row)]) == [RefundVerdict.CONFIRMED]
    assert await balance_of(tx, "clearing:refund", 0, cell=cell) == clearing
    assert await balance_of(tx, "gateway:sandbox", 0, cell=cell) == gateway + amount
    assert await events_of(tx, row["id"]) == ["refunds.confirmed"]
    await sound(tx)


def judged_news(
    refunds: dict[RefundId, Refund], batch: Sequence[CallbackNews]
) -> list[RefundVerdict]:
    """The rule on one item after the other."""
    state_of: dict[RefundId, RefundState] = {}
    verdicts = []
    for news in batch:
        assert news.refund_id
        known = refunds.get(news.refund_id)
        if known and news.refund_id in state_of:
            facts = {name: getattr(known, name) for name in Refund.__dataclass_fields__}
            known = Refund(**{**facts, "state": state_of[news.refund_id]})
        verdict = judge_refund_news(news, known)
        if verdict in (RefundVerdict.CONFIRMED, RefundVerdict.FAILED):
            state_of[news.refund_id] = RefundState(str(verdict))
        verdicts.append(verdict)
    return verdicts


def some_news(chance: Random, ids: IdMaker, rows: Sequence[Any]) -> list[CallbackNews]:
    made = []
    for row in rows:
        for _ in range(chance.randint(1, 4)):
            wrong = 1 if chance.random() < 0.2 else 0
            made.append(
                refund_news(
                    row,
                    succeeded=chance.random() < 0.5,
                    event_id=str(ids.make(0)),
                    amount_minor=row["amount_minor"] + wrong,
                )
            )
    made += [refund_news(rows[0], refund_id=RefundId(ids.make(at))) for at in range(5)]
    chance.shuffle(made)
    return made


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_the_end_of_refunds_is_judged_as_the_rule(
    tx: Tx, ids: IdMaker, sound: Sound, seed: int
) -> None:
    chance = Random(seed)
    book = await a_book(tx, ids, chance, each=12)
    to_ship = [kept.id for kept in book.orders if kept.state is OrderState.TO_SHIP]
    await refund(
        tx, [RefundAsked(order_id=one, actor="buyer", at=NOON, why="x") for one in to_ship], ids
    )
    rows = await tx.fetch("SELECT * FROM refund WHERE order_id = ANY ($1)",
                          [kept.id for kept in book.orders])  # fmt: skip
    for row in rows:  # some were sent already, some failed before
        state = chance.choice(["asked", "sent", "failed"])
        await tx.execute("UPDATE refund SET state = $2 WHERE id = $1", row["id"], state)
    refunds = {row["id"]: await find_refund(tx, row["id"]) for row in rows}
    batch = some_news(chance, ids, rows)
    verdicts = await end_refunds(tx, batch)
    assert verdicts == judged_news({k: v for k, v in refunds.items() if v}, batch)
    assert set(verdicts) == set(RefundVerdict)
    for row in rows:
        mine = [v for v, news in zip(verdicts, batch, strict=True) if news.refund_id == row["id"]]
        after = await find_refund(tx, row["id"])
        assert after
        if RefundVerdict.CONFIRMED in mine:
            assert after.state is RefundState.CONFIRMED
            assert await events_of(tx, row["id"]) == ["refunds.confirmed"]
        elif RefundVerdict.FAILED in mine:
            assert after.state is RefundState.FAILED
    await sound(tx)


async def test_a_failure_that_is_overtaken_by_success_costs_nothing(
    tx: Tx, ids: IdMaker, sound: Sound
) -> None:
    town = await a_town(tx, ids)
    order_id = await an_order(tx, ids, town, until="to_ship")
    await refund(tx, [RefundAsked(order_id=order_id, actor="buyer", at=NOON, why="x")], ids)
    (row,) = await refunds_of(tx, order_id)
    failed, done = refund_news(row, succeeded=False), refund_news(row)
    assert await end_refunds(tx, [failed, done, failed, done]) == [
        RefundVerdict.FAILED, RefundVerdict.CONFIRMED, RefundVerdict.REPEAT, RefundVerdict.REPEAT,
    ]  # fmt: skip
    assert (await refunds_of(tx, order_id))[0]["state"] == "confirmed"
    await sound(tx)


@pytest.mark.parametrize("size", [1, 128, 500])
async def test_a_batch_of_any_size_reads_by_its_size_alone(tx: Tx, ids: IdMaker, size: int) -> None:
    town = await a_town(tx, ids)
    order_id = await an_order(tx, ids, town, until="to_ship")
    asked = last_of(size, ids, order_id)
    batch = [RefundAsked(order_id=one, actor="buyer", at=NOON, why="x") for one in asked]
    async with reading(tx) as reads:
        verdicts = [verdict for verdict, _ in await refund(tx, batch, ids)]
    assert verdicts == [RefundOrderVerdict.UNKNOWN] * (size - 1) + [RefundOrderVerdict.REFUNDED]
    assert reads.scanned == []
    (row,) = await refunds_of(tx, order_id)
    unknown = [refund_news(row, refund_id=RefundId(ids.make(at % 256))) for at in range(size - 1)]
    async with reading(tx) as reads:
        ends = await end_refunds(tx, [*unknown, refund_news(row)])
    assert ends == [RefundVerdict.UNKNOWN] * (size - 1) + [RefundVerdict.CONFIRMED]
    assert reads.scanned == []
