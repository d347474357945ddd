import asyncio

import pytest

from jishi.db import Pool
from jishi.flows.place_orders import Placed
from jishi.flows.provider_news import ProviderNews
from jishi.flows.refund_orders import RefundAsked, refund
from jishi.kit.ids import IdMaker, RefundId, cell_of
from jishi.modules.payments import NOTED, NewsKind, NewsVerdict, RefundVerdict
from tests.support.makers import (
    NOON,
    a_checkout,
    a_town,
    an_order,
    balance_of,
    committed,
    news_of,
    place_all,
    refund_news,
    refunds_of,
    state_of,
)

pytestmark = pytest.mark.usefixtures("sound")
SECONDS = 20


async def a_placed(pool: Pool, ids: IdMaker) -> Placed:
    town = await a_town(pool, ids)
    asked = a_checkout(ids, town.buyers[0], town.goods[0])
    return (await committed(pool, lambda tx: place_all(tx, ids, [asked])))[0]


async def kept_verdicts(pool: Pool, event_id: str) -> list[str]:
    rows = await pool.fetch("SELECT verdict FROM payment_callback WHERE event_id = $1", event_id)
    return [row["verdict"] for row in rows]


async def test_news_of_a_payment_pays_its_orders(pool: Pool, ids: IdMaker) -> None:
    placed = await a_placed(pool, ids)
    apply = ProviderNews(pool, ids, currency="CNY")
    assert await apply(news_of(placed), now=NOON) is NewsVerdict.RECORDED
    assert await state_of(pool, placed.order_ids[0]) == 20
    assert await apply(news_of(placed), now=NOON) is NewsVerdict.REPEAT
    assert await kept_verdicts(pool, news_of(placed).event_id) == ["recorded"]


async def test_money_in_another_currency_is_not_ours(pool: Pool, ids: IdMaker) -> None:
    placed = await a_placed(pool, ids)
    apply = ProviderNews(pool, ids, currency="CNY")
    news = news_of(placed, currency="JPY", event_id="yen")
    assert await apply(news, now=NOON) is NewsVerdict.WRONG_AMOUNT
    assert await state_of(pool, placed.order_ids[0]) == 10
    assert await kept_verdicts(pool, "yen") == ["wrong_amount"]
    assert await apply(news_of(placed, currency=None), now=NOON) is NewsVerdict.RECORDED


async def test_a_close_is_noted_and_costs_nobody_the_goods(pool: Pool, ids: IdMaker) -> None:
    placed = await a_placed(pool, ids)
    apply = ProviderNews(pool, ids, currency="CNY")
    closed = news_of(placed, kind=NewsKind.CLOSED, event_id=f"closed-{placed.payment_id}")
    for _ in range(2):
        assert str(await apply(closed, now=NOON)) == NOTED
    assert await state_of(pool, placed.order_ids[0]) == 10
    assert await kept_verdicts(pool, closed.event_id) == [NOTED]
    assert await apply(news_of(placed), now=NOON) is NewsVerdict.RECORDED
    assert await state_of(pool, placed.order_ids[0]) == 20


async def test_refunds_one_after_another_in_one_job(pool: Pool, ids: IdMaker) -> None:
    """As the job applies what it heard: each waits for the one before, nobody else comes."""
    town = await a_town(pool, ids, stock=9)
    apply = ProviderNews(pool, ids, currency="CNY")
    rows = []
    for _ in range(5):
        order_id = await committed(pool, lambda tx: an_order(tx, ids, town, until="to_ship"))
        wish = RefundAsked(order_id=order_id, actor="buyer", at=NOON, why="buyer_refunded")
        await committed(pool, lambda tx, w=wish: refund(tx, [w], ids))
        rows += await refunds_of(pool, order_id)
    cell = cell_of(town.shops[0])
    clearing = await balance_of(pool, "clearing:refund", 0, cell=cell)
    async with asyncio.timeout(SECONDS):
        for row in rows:
            failed = refund_news(row, succeeded=False)
            assert await apply(failed, now=NOON) is RefundVerdict.FAILED
            assert await apply(failed, now=NOON) is RefundVerdict.REPEAT
            assert await apply(refund_news(row), now=NOON) is RefundVerdict.CONFIRMED
            assert await apply(refund_news(row), now=NOON) is RefundVerdict.REPEAT
    owed = sum(row["amount_minor"] for row in rows)
    assert await balance_of(pool, "clearing:refund", 0, cell=cell) == clearing - owed


async def test_news_of_a_refund_that_does_not_fit_is_kept_and_changes_nothing(
    pool: Pool, ids: IdMaker
) -> None:
    town = await a_town(pool, ids)
    order_id = await committed(pool, lambda tx: an_order(tx, ids, town, until="to_ship"))
    wish = RefundAsked(order_id=order_id, actor="buyer", at=NOON, why="buyer_refunded")
    await committed(pool, lambda tx: refund(tx, [wish], ids))
    (row,) = await refunds_of(pool, order_id)
    apply = ProviderNews(pool, ids, currency="CNY")
    for changes, verdict in (
        ({"amount_minor": row["amount_minor"] + 1}, RefundVerdict.WRONG_AMOUNT),
        ({"refund_id": RefundId(ids.make(2))}, RefundVerdict.UNKNOWN),
    ):
        news = refund_news(row, event_id=str(ids.make(0)), **changes)
        assert await apply(news, now=NOON) is verdict
        assert await kept_verdicts(pool, news.event_id) == [str(verdict)]
    assert (await refunds_of(pool, order_id))[0]["state"] == "asked"
    assert await apply(refund_news(row), now=NOON) is RefundVerdict.CONFIRMED


async def test_news_of_every_kind_at_once(pool: Pool, ids: IdMaker) -> None:
    placed = [await a_placed(pool, ids) for _ in range(10)]
    apply = ProviderNews(pool, ids, currency="CNY")
    told = []
    for each in placed:
        told += [news_of(each), news_of(each, kind=NewsKind.CLOSED, event_id=f"c{each.payment_id}")]
        told += [news_of(each), news_of(each, currency="EUR", event_id=f"e{each.payment_id}")]
    answers = await asyncio.gather(*(apply(news, now=NOON) for news in told))
    assert answers.count(NewsVerdict.RECORDED) == 10
    assert {await state_of(pool, each.order_ids[0]) for each in placed} == {20}
