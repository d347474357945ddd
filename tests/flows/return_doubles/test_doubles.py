"""A buyer who leaves one provider for another may pay at either, or at both."""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from jishi.db import Pool, transaction
from jishi.flows.place_orders import Placed
from jishi.flows.provider_news import ProviderNews
from jishi.kit.ids import IdMaker, PaymentId
from jishi.modules.payments import (
    NewsVerdict,
    Payment,
    RefundVerdict,
    check_asks,
    judge_news,
    open_at_provider,
    send_refunds,
    storage,
)
from jishi.modules.payments.types import (
    Paid,
    PaymentNotOpen,
    PaymentStanding,
    PayPage,
    ProviderNotOffered,
    Refund,
    RefundStanding,
    Standing,
)
from tests.support.makers import (
    NOON,
    a_checkout,
    a_town,
    balance_of,
    committed,
    news_of,
    place_all,
    refund_news,
    refunds_of,
    state_of,
)

pytestmark = pytest.mark.usefixtures("sound")
MINUTE = timedelta(minutes=1)


@dataclass
class Desk:
    """A provider that remembers what it was asked."""

    name: str
    closed: set[int] = field(default_factory=set)
    asked: list[Any] = field(default_factory=list)
    answer: None = None

    def keeps_page(self, pay_url: str) -> bool:
        return True

    async def create_payment(self, payment: Payment, **_: Any) -> PayPage:
        self.asked.append(("create", payment.id))
        return PayPage(provider_ref=f"{self.name}-ref", pay_url=f"https://{self.name}.test/p")

    async def query_payment(self, payment: Payment) -> PaymentStanding:
        self.asked.append(("query", payment.id))
        return PaymentStanding(
            standing=Standing.CLOSED if payment.id in self.closed else Standing.OPEN,
            amount_minor=payment.amount_minor,
            currency="CNY",
        )

    async def close_payment(self, payment: Payment) -> PaymentStanding:
        self.asked.append(("close", payment.id))
        self.closed.add(payment.id)
        return PaymentStanding(standing=Standing.CLOSED)

    async def refund(self, refund: Refund, paid: Paid) -> RefundStanding:
        self.asked.append(("refund", paid.number))
        return RefundStanding(standing=Standing.DONE, amount_minor=refund.amount_minor)


async def a_placed(pool: Pool, ids: IdMaker) -> Placed:
    town = await a_town(pool, ids, shops=2)
    lines = [(town.goods[0], 1), (town.goods[-1], 1)]
    asked = a_checkout(ids, town.buyers[0], lines)
    return (await committed(pool, lambda tx: place_all(tx, ids, [asked])))[0]


async def opened(pool: Pool, desks: dict[str, Any], placed: Placed, name: str) -> Payment:
    return await open_at_provider(
        pool, desks, placed.payment_id, provider=name, subject="s", return_url="r", now=NOON
    )


def two_desks() -> dict[str, Any]:
    return {"sandbox": Desk("sandbox"), "alipay": Desk("alipay")}


async def the_payment(pool: Pool, payment_id: int) -> Payment:
    async with transaction(pool) as tx:
        found = await storage.find_payment(tx, PaymentId(payment_id))
    assert found
    return found


async def test_the_buyer_may_change_his_mind_and_come_back(pool: Pool, ids: IdMaker) -> None:
    placed, desks = await a_placed(pool, ids), two_desks()
    for name in ("sandbox", "alipay", "sandbox", "alipay"):
        payment = await opened(pool, desks, placed, name)
        assert (payment.provider, payment.pay_url) == (name, f"https://{name}.test/p")
        assert payment.provider_ref == f"{name}-ref"
    for desk in desks.values():
        assert desk.asked == [("create", placed.payment_id)], "each page is made once"
    with pytest.raises(ProviderNotOffered):
        await opened(pool, desks, placed, "stripe")
    with pytest.raises(ProviderNotOffered):
        await open_at_provider(
            pool,
            desks,
            placed.payment_id,
            provider="sandbox",
            offered=("alipay",),
            subject="s",
            return_url="r",
            now=NOON,
        )


async def test_the_provider_he_left_may_pay_and_the_other_page_is_closed(
    pool: Pool, ids: IdMaker
) -> None:
    placed, desks = await a_placed(pool, ids), two_desks()
    for name in ("sandbox", "alipay"):
        await opened(pool, desks, placed, name)
    apply = ProviderNews(pool, ids, currency="CNY")
    assert await apply(news_of(placed), now=NOON) is NewsVerdict.RECORDED
    assert await apply(news_of(placed), now=NOON) is NewsVerdict.REPEAT
    paid = await the_payment(pool, placed.payment_id)
    assert (paid.provider, paid.provider_ref) == ("sandbox", "SB1")
    assert {await state_of(pool, it) for it in placed.order_ids} == {20}
    assert await check_asks(pool, desks, NOON + MINUTE, 100) is not None
    assert ("close", placed.payment_id) in desks["alipay"].asked
    assert ("close", placed.payment_id) not in desks["sandbox"].asked
    with pytest.raises(PaymentNotOpen):
        await opened(pool, desks, placed, "alipay")


async def test_money_that_comes_twice_goes_back_whole(pool: Pool, ids: IdMaker) -> None:
    placed, desks = await a_placed(pool, ids), two_desks()
    for name in ("sandbox", "alipay"):
        await opened(pool, desks, placed, name)
    apply = ProviderNews(pool, ids, currency="CNY")
    cells = {it >> 14 & 255 for it in placed.order_ids}
    before = {c: await balance_of(pool, "gateway:alipay", 0, cell=c) for c in cells}
    second = news_of(placed, provider="alipay", event_id="second", provider_ref="ALI2")
    assert await apply(news_of(placed), now=NOON) is NewsVerdict.RECORDED
    assert await apply(second, now=NOON) is NewsVerdict.DOUBLE
    assert await apply(second, now=NOON) is NewsVerdict.REPEAT
    assert (await the_payment(pool, placed.payment_id)).provider == "sandbox"
    rows = [row for it in placed.order_ids for row in await refunds_of(pool, it)]
    assert sum(row["amount_minor"] for row in rows) == placed.amount_minor
    assert {(row["provider"], row["state"]) for row in rows} == {("alipay", "asked")}
    double = await the_payment(pool, rows[0]["payment_id"])
    assert (double.double_of, double.provider_ref) == (placed.payment_id, "ALI2")
    heard = await send_refunds(pool, desks, NOON + MINUTE, 100)
    mine = [it for it in heard if it.refund_id in {row["id"] for row in rows}]
    numbers = {it for what, it in desks["alipay"].asked if what == "refund"}
    assert placed.payment_id in numbers, "the provider knows it by the number it was paid under"
    for news in mine:
        assert await apply(news, now=NOON + MINUTE) is RefundVerdict.CONFIRMED
    after = {c: await balance_of(pool, "gateway:alipay", 0, cell=c) for c in cells}
    assert after == before
    assert {await state_of(pool, it) for it in placed.order_ids} == {20}, "the order stays paid"


async def test_of_two_providers_at_once_one_pays_and_one_goes_back(
    pool: Pool, ids: IdMaker
) -> None:
    apply, others = ProviderNews(pool, ids, currency="CNY"), ProviderNews(pool, ids, currency="CNY")
    for n in range(5):
        placed, desks = await a_placed(pool, ids), two_desks()
        for name in ("sandbox", "alipay"):
            await opened(pool, desks, placed, name)
        second = news_of(placed, provider="alipay", event_id=f"race-{n}")
        answers = await asyncio.gather(
            apply(news_of(placed), now=NOON), others(second, now=NOON), apply(second, now=NOON)
        )
        assert sorted(map(str, answers)) == ["double", "recorded", "repeat"]
        rows = [row for it in placed.order_ids for row in await refunds_of(pool, it)]
        assert sum(row["amount_minor"] for row in rows) == placed.amount_minor


async def test_a_provider_never_asked_is_not_believed(pool: Pool, ids: IdMaker) -> None:
    placed, desks = await a_placed(pool, ids), two_desks()
    await opened(pool, desks, placed, "sandbox")
    apply = ProviderNews(pool, ids, currency="CNY")
    strange = news_of(placed, provider="alipay", event_id="strange")
    assert await apply(strange, now=NOON) is NewsVerdict.UNKNOWN
    assert {await state_of(pool, it) for it in placed.order_ids} == {10}
    wrong = news_of(placed, amount_minor=placed.amount_minor - 1, event_id="wrong")
    assert await apply(wrong, now=NOON) is NewsVerdict.WRONG_AMOUNT


async def test_one_provider_cannot_end_the_refund_of_another(pool: Pool, ids: IdMaker) -> None:
    placed, desks = await a_placed(pool, ids), two_desks()
    for name in ("sandbox", "alipay"):
        await opened(pool, desks, placed, name)
    apply = ProviderNews(pool, ids, currency="CNY")
    await apply(news_of(placed), now=NOON)
    await apply(news_of(placed, provider="alipay", event_id="again"), now=NOON)
    (row,) = await refunds_of(pool, placed.order_ids[0])
    forged = refund_news(row, provider="sandbox", event_id="forged")
    assert await apply(forged, now=NOON) is RefundVerdict.UNKNOWN
    assert (await refunds_of(pool, placed.order_ids[0]))[0]["state"] == "asked"
    assert await apply(refund_news(row), now=NOON) is RefundVerdict.CONFIRMED


@pytest.mark.parametrize("state", ["open", "paid"])
async def test_the_function_says_what_the_rule_says(pool: Pool, ids: IdMaker, state: str) -> None:
    placed, desks = await a_placed(pool, ids), two_desks()
    for name in ("sandbox", "alipay"):
        await opened(pool, desks, placed, name)
    apply = ProviderNews(pool, ids, currency="CNY")
    if state == "paid":
        await apply(news_of(placed), now=NOON)
    payment = await the_payment(pool, placed.payment_id)
    left = frozenset({"sandbox", "alipay"}) - {payment.provider}
    for name in ("stripe", "alipay", "sandbox"):
        for amount in (placed.amount_minor, 1):
            news = news_of(placed, provider=name, amount_minor=amount, event_id=f"{name}{amount}")
            payment = await the_payment(pool, placed.payment_id)
            done = payment.state == "paid"
            returned = await pool.fetchval(
                "SELECT array_agg(provider) FROM payment_ask WHERE payment_id = $1"
                " AND double_id IS NOT NULL",
                placed.payment_id,
            )
            others = left if not done else frozenset({"sandbox", "alipay"}) - {payment.provider}
            wanted = judge_news(news, payment, left=others, returned=frozenset(returned or ()))
            assert await apply(news, now=NOON) is wanted, (state, name, amount)


async def test_a_page_left_open_is_closed_once_its_time_is_over(pool: Pool, ids: IdMaker) -> None:
    placed, desks = await a_placed(pool, ids), two_desks()
    for name in ("sandbox", "alipay"):
        await opened(pool, desks, placed, name)
    await check_asks(pool, desks, NOON + MINUTE, 100)
    assert ("close", placed.payment_id) not in desks["sandbox"].asked
    await check_asks(pool, desks, NOON + timedelta(hours=2), 100)
    assert ("close", placed.payment_id) in desks["sandbox"].asked
    check_at = await pool.fetchval(
        "SELECT check_at FROM payment_ask WHERE payment_id = $1", placed.payment_id
    )
    assert check_at is None
