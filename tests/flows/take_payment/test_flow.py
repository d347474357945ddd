import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from jishi.db import Pool, Tx
from jishi.db.context import Context
from jishi.db.outbox import deliver, open_listener
from jishi.flows.cancel_orders import Cancellation, cancel
from jishi.flows.place_orders import Placed
from jishi.flows.refund_orders import end_refunds
from jishi.flows.take_payment import TakePayment, record
from jishi.flows.take_payment.flow import settle
from jishi.flows.take_payment.listeners import make_listeners
from jishi.kit.ids import IdMaker, OrderId, PaymentId, cell_of
from jishi.modules.payments import CallbackNews, NewsVerdict, RefundVerdict
from jishi.settings import Settings
from tests.support.makers import (
    HASH,
    NOON,
    TERMS,
    UNPAID_FOR,
    Goods,
    Town,
    a_checkout,
    a_town,
    at_once,
    balance_of,
    committed,
    events_of,
    news_of,
    place_all,
    refund_news,
    refunds_of,
    state_of,
    stock_of,
)

pytestmark = pytest.mark.usefixtures("sound")
LATE = NOON + UNPAID_FOR + timedelta(minutes=5)
TOMORROW = datetime.now(UTC) + timedelta(days=1)  # by then every event of any test is old enough
SECONDS = 20


async def placed_by(pool: Pool, ids: IdMaker, town: Town, *lines: tuple[Goods, int]) -> Placed:
    asked = a_checkout(ids, town.buyers[0], lines or [(town.goods[0], 1)])
    return (await committed(pool, lambda tx: place_all(tx, ids, [asked])))[0]


async def close(pool: Pool, order_id: OrderId, why: str) -> None:
    wish = Cancellation(order_id=order_id, actor="clock", at=NOON + UNPAID_FOR, why=why)
    await committed(pool, lambda tx: cancel(tx, [wish]))


async def test_a_payment_reaches_every_order_of_its_checkout(pool: Pool, ids: IdMaker) -> None:
    town = await a_town(pool, ids, shops=3, skus=1)
    placed = await placed_by(pool, ids, town, *[(goods, 2) for goods in town.goods])
    take = TakePayment(pool, ids)
    assert await take(news_of(placed)) is NewsVerdict.RECORDED
    for order_id, goods in zip(placed.order_ids, town.goods, strict=True):
        assert await state_of(pool, order_id) == 20
        assert await stock_of(pool, goods) == (98, 0, 2)
        held = await balance_of(pool, "escrow", goods.shop_id, cell=cell_of(goods.shop_id))
        assert held == goods.price_minor * 2


async def test_news_told_again_and_again_is_taken_once(pool: Pool, ids: IdMaker) -> None:
    town = await a_town(pool, ids)
    placed = await placed_by(pool, ids, town)
    take = TakePayment(pool, ids)
    told = await asyncio.gather(*(take(news_of(placed)) for _ in range(20)))
    assert sorted(told) == [NewsVerdict.RECORDED] + [NewsVerdict.REPEAT] * 19
    assert await take(news_of(placed, event_id="another")) is NewsVerdict.REPEAT
    assert (await events_of(pool, placed.order_ids[0])).count("orders.paid") == 1


@pytest.mark.parametrize(
    ("_case", "changes", "verdict"),
    [
        ("too little", {"amount_minor": 1}, NewsVerdict.WRONG_AMOUNT),
        ("nothing", {"amount_minor": 0}, NewsVerdict.WRONG_AMOUNT),
        ("less than nothing", {"amount_minor": -1}, NewsVerdict.WRONG_AMOUNT),
        ("another provider", {"provider": "mint"}, NewsVerdict.UNKNOWN),
        ("no such payment", {"payment_id": PaymentId(5)}, NewsVerdict.UNKNOWN),
    ],
)
async def test_news_that_does_not_fit_changes_nothing_but_is_kept(
    pool: Pool, ids: IdMaker, _case: str, changes: dict[str, Any], verdict: NewsVerdict
) -> None:
    town = await a_town(pool, ids)
    placed = await placed_by(pool, ids, town)
    news = news_of(placed, **{"event_id": str(ids.make(0)), **changes})
    assert await TakePayment(pool, ids)(news) is verdict
    assert await state_of(pool, placed.order_ids[0]) == 10
    kept = await pool.fetchval(
        "SELECT verdict FROM payment_callback WHERE event_id = $1", news.event_id
    )
    assert kept == verdict
    assert await TakePayment(pool, ids)(news_of(placed)) is NewsVerdict.RECORDED


async def test_a_late_payment_takes_free_stock_again(pool: Pool, ids: IdMaker) -> None:
    town = await a_town(pool, ids, stock=3)
    goods = town.goods[0]
    placed = await placed_by(pool, ids, town, (goods, 2))
    (order_id,) = placed.order_ids
    await close(pool, order_id, "lapsed")
    assert await stock_of(pool, goods) == (3, 0, 0)
    assert await TakePayment(pool, ids)(news_of(placed, occurred_at=LATE)) is NewsVerdict.RECORDED
    assert await state_of(pool, order_id) == 20
    assert await stock_of(pool, goods) == (1, 0, 2)
    row = await pool.fetchrow("SELECT * FROM sale_order WHERE id = $1", order_id)
    assert (row["paid_at"], row["closed_at"]) == (LATE, None)
    steps = await pool.fetch(
        "SELECT why FROM sale_order_step WHERE order_id = $1 ORDER BY version", order_id
    )
    assert [step["why"] for step in steps] == ["placed", "lapsed", "late_paid"]


async def test_a_late_payment_goes_back_when_the_goods_are_gone(pool: Pool, ids: IdMaker) -> None:
    town = await a_town(pool, ids, stock=2)
    goods, cell = town.goods[0], cell_of(town.shops[0])
    placed = await placed_by(pool, ids, town, (goods, 2))
    (order_id,) = placed.order_ids
    await close(pool, order_id, "lapsed")
    other = await placed_by(pool, ids, town, (goods, 1))
    clearing = await balance_of(pool, "clearing:refund", 0, cell=cell)
    assert await TakePayment(pool, ids)(news_of(placed, occurred_at=LATE)) is NewsVerdict.RECORDED
    assert await state_of(pool, order_id) == 250
    assert await stock_of(pool, goods) == (1, 1, 0)
    assert await balance_of(pool, "escrow", town.shops[0], cell=cell) == 0
    (row,) = await refunds_of(pool, order_id)
    assert (row["amount_minor"], row["state"], row["why"], row["retry_at"]) == (
        placed.amount_minor, "asked", "late_payment", LATE,
    )  # fmt: skip
    assert await balance_of(pool, "clearing:refund", 0, cell=cell) == clearing + placed.amount_minor
    assert (await events_of(pool, order_id))[-1] == "orders.payment_returned"
    ended = await committed(pool, lambda tx: end_refunds(tx, [refund_news(row)]))
    assert ended == [RefundVerdict.CONFIRMED]
    assert await balance_of(pool, "clearing:refund", 0, cell=cell) == clearing
    assert await TakePayment(pool, ids)(news_of(other)) is NewsVerdict.RECORDED


async def test_of_late_payments_the_first_gets_the_last_pieces(pool: Pool, ids: IdMaker) -> None:
    town = await a_town(pool, ids, stock=4)
    goods = town.goods[0]
    placed = [await placed_by(pool, ids, town, (goods, 2)) for _ in range(2)]
    for each in placed:
        await close(pool, each.order_ids[0], "lapsed")
    await placed_by(pool, ids, town, (goods, 1))  # three are left: enough for one of them
    take = TakePayment(pool, ids)
    await asyncio.gather(*(take(news_of(each, occurred_at=LATE)) for each in placed))
    assert sorted([await state_of(pool, each.order_ids[0]) for each in placed]) == [20, 250]
    assert await stock_of(pool, goods) == (1, 1, 2)


@pytest.mark.parametrize("why", ["buyer_cancelled", "shop_cancelled"])
async def test_money_for_a_cancelled_order_goes_back_and_its_neighbour_is_paid(
    pool: Pool, ids: IdMaker, why: str
) -> None:
    town = await a_town(pool, ids, shops=2, skus=1)
    placed = await placed_by(pool, ids, town, *[(goods, 1) for goods in town.goods])
    gone, kept = placed.order_ids
    await close(pool, gone, why)
    assert await TakePayment(pool, ids)(news_of(placed)) is NewsVerdict.RECORDED
    assert [await state_of(pool, each) for each in (gone, kept)] == [250, 20]
    (row,) = await refunds_of(pool, gone)
    assert row["amount_minor"] == town.goods[0].price_minor
    assert await refunds_of(pool, kept) == []
    assert await TakePayment(pool, ids)(news_of(placed)) is NewsVerdict.REPEAT
    assert len(await refunds_of(pool, gone)) == 1


async def test_a_closed_payment_that_is_made_after_all_is_recorded(
    pool: Pool, ids: IdMaker
) -> None:
    town = await a_town(pool, ids)
    placed = await placed_by(pool, ids, town)
    await close(pool, placed.order_ids[0], "lapsed")
    await pool.execute("UPDATE payment SET state = 'closed' WHERE id = $1", placed.payment_id)
    assert await TakePayment(pool, ids)(news_of(placed, occurred_at=LATE)) is NewsVerdict.RECORDED
    assert await state_of(pool, placed.order_ids[0]) == 20


async def test_a_payment_recorded_before_a_crash_is_finished_by_the_listener(
    pool: Pool, ids: IdMaker, market_settings: Settings
) -> None:
    town = await a_town(pool, ids, shops=2, skus=1)
    placed = await placed_by(pool, ids, town, *[(goods, 1) for goods in town.goods])
    await committed(pool, lambda tx: record(tx, [news_of(placed)]))  # and here it died
    assert [await state_of(pool, each) for each in placed.order_ids] == [10, 10]
    context = Context(pool=pool, maker=ids, settings=market_settings)
    (listener,) = make_listeners(context)
    await open_listener(pool, listener)
    async with asyncio.timeout(SECONDS):
        while await state_of(pool, placed.order_ids[1]) == 10:
            await deliver(pool, listener, now=TOMORROW)
    assert [await state_of(pool, each) for each in placed.order_ids] == [20, 20]
    while await deliver(pool, listener, now=TOMORROW):
        pass
    assert (
        await pool.fetchval("SELECT count(*) FROM outbox_parked WHERE listener = $1", listener.name)
        == 0
    )


async def test_a_crash_between_two_orders_is_finished_too(pool: Pool, ids: IdMaker) -> None:
    town = await a_town(pool, ids, shops=2, skus=1)
    placed = await placed_by(pool, ids, town, *[(goods, 1) for goods in town.goods])
    await committed(pool, lambda tx: record(tx, [news_of(placed)]))

    async def die(tx: Tx) -> None:
        await settle(tx, [placed.payment_id], ids)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await committed(pool, die)
    assert await state_of(pool, placed.order_ids[0]) == 10
    done = await at_once(pool, *[lambda tx: settle(tx, [placed.payment_id], ids)] * 6)
    assert sum(done) >= 2
    assert [await state_of(pool, each) for each in placed.order_ids] == [20, 20]
    for order_id in placed.order_ids:
        assert (await events_of(pool, order_id)).count("orders.paid") == 1


async def test_a_bad_piece_of_news_never_fails_its_neighbours(pool: Pool, ids: IdMaker) -> None:
    town = await a_town(pool, ids)
    good = [await placed_by(pool, ids, town) for _ in range(5)]
    take = TakePayment(pool, ids)
    bad: CallbackNews = news_of(good[0], event_id="\0", payment_id=PaymentId(2**80))
    answers = await asyncio.gather(
        *(take(news) for news in [bad, *map(news_of, good), bad]), return_exceptions=True
    )
    assert isinstance(answers[0], Exception)
    assert isinstance(answers[-1], Exception)
    assert answers[1:-1] == [NewsVerdict.RECORDED] * 5


def test_the_makers_speak_of_the_same_terms() -> None:
    assert TERMS.unpaid_for == UNPAID_FOR
    assert HASH
