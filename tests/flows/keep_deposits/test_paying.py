"""Deposits paid through a payment provider: on time, late, twice, with another amount, told by nobody."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from jishi import verify
from jishi.db import Pool, transaction
from jishi.flows.keep_deposits import flow, paying
from jishi.flows.keep_deposits.types import ClosedAlready
from jishi.flows.provider_news import ProviderNews
from jishi.flows.take_payment import record
from jishi.flows.take_payment.flow import settle
from jishi.kit.ids import AccountId, IdMaker, PaymentId, ShopId, cell_of
from jishi.modules import deposits
from jishi.modules.deposits import AmountInvalid
from jishi.modules.deposits.types import PAYMENTS_OPEN_MAX, PaymentsOpen
from jishi.modules.payments import (
    CallbackNews,
    NewsKind,
    NewsVerdict,
    Payment,
    check_payments,
    open_at_provider,
)
from jishi.modules.payments.types import PaymentStanding, PayPage, Standing
from tests.support.makers import NOON, a_town, committed
from tests.support.persons import Person, a_person
from tests.support.standing import balances, be_kind, shop_state

pytestmark = pytest.mark.usefixtures("sound")
ME = AccountId(101 << 14)
MINUTE = timedelta(minutes=1)
_TOKEN = re.compile(r'name="_csrf" value="([^"]+)"')


@dataclass
class Desk:
    """The provider ``sandbox`` in the test's hands."""

    name: str = "sandbox"
    answer: None = None
    pay_url: str = "http://127.0.0.1:8010/pay/SB1"
    paid: set[int] = field(default_factory=set)

    def keeps_page(self, pay_url: str) -> bool:
        return True

    async def create_payment(self, payment: Payment, **_: Any) -> PayPage:
        return PayPage(provider_ref=f"SB{payment.id}", pay_url=self.pay_url)

    async def query_payment(self, payment: Payment) -> PaymentStanding:
        done = payment.id in self.paid
        return PaymentStanding(
            standing=Standing.DONE if done else Standing.OPEN,
            amount_minor=payment.amount_minor,
            currency="CNY",
            provider_ref=f"SB{payment.id}",
        )

    async def close_payment(self, payment: Payment) -> PaymentStanding:
        return PaymentStanding(standing=Standing.CLOSED)


def news(payment_id: PaymentId, amount_minor: int, **changes: Any) -> CallbackNews:
    facts: dict[str, Any] = {
        "provider": "sandbox", "event_id": f"paid-{payment_id}", "kind": NewsKind.PAID,
        "payment_id": payment_id, "refund_id": None, "amount_minor": amount_minor, "currency": "CNY",
        "provider_ref": f"SB{payment_id}", "occurred_at": NOON,
    }  # fmt: skip
    return CallbackNews(**{**facts, **changes})


async def a_business(pool: Pool, ids: IdMaker) -> ShopId:
    shop_id = (await a_town(pool, ids, shops=1, skus=1, buyers=1)).shops[0]
    await committed(pool, lambda tx: be_kind(tx, shop_id, "business"))
    return shop_id


async def asked_for(
    pool: Pool, ids: IdMaker, shop_id: ShopId, amount_minor: int = 70_000, *, now: datetime = NOON
) -> PaymentId:
    return await committed(
        pool,
        lambda tx: paying.open_payment(
            tx, shop_id, amount_minor, "sandbox", actor_id=ME, ids=ids, currency="CNY", now=now
        ),
    )


async def held_minor(pool: Pool, shop_id: ShopId) -> int:
    async with transaction(pool) as tx:
        return (await deposits.deposit_of(tx, shop_id)).held_minor


async def test_a_payment_fills_the_deposit_at_once_and_once(pool: Pool, ids: IdMaker) -> None:
    shop_id = await a_business(pool, ids)
    number = await asked_for(pool, ids, shop_id)
    assert await asked_for(pool, ids, shop_id) == number  # asked again it is the same one
    hear = ProviderNews(pool, ids, currency="CNY")
    before = await gateway(pool, shop_id)
    said = await asyncio.gather(
        hear(news(number, 70_000), now=NOON),
        hear(news(number, 70_000, event_id="again"), now=NOON),
    )
    assert sorted(said) == [NewsVerdict.RECORDED, NewsVerdict.REPEAT]
    assert await hear(news(number, 70_000), now=NOON) == NewsVerdict.REPEAT
    assert await held_minor(pool, shop_id) == 70_000
    assert await gateway(pool, shop_id) - before == 70_000
    async with transaction(pool) as tx:
        (move,) = (await deposits.list_moves(tx, shop_id, cursor=None, size=5)).items
        assert (move.kind, move.subject_id, move.reference) == ("provider", number, f"SB{number}")
        assert (await deposits.get_payment(tx, shop_id, number)).taken_at == NOON
    told = await pool.fetch("SELECT kind FROM notice WHERE subject_id = $1", shop_id)
    assert [row["kind"] for row in told] == ["standing.deposit_paid"]


async def gateway(pool: Pool, shop_id: ShopId) -> int:
    said = await pool.fetchval(
        "SELECT debit_minor - credit_minor FROM ledger_account"
        " WHERE cell = $1 AND kind = 'gateway:sandbox'",
        cell_of(shop_id),
    )
    return int(said or 0)


async def test_another_amount_or_provider_fills_nothing(pool: Pool, ids: IdMaker) -> None:
    shop_id = await a_business(pool, ids)
    number = await asked_for(pool, ids, shop_id)
    hear = ProviderNews(pool, ids, currency="CNY")
    assert await hear(news(number, 69_999), now=NOON) == NewsVerdict.WRONG_AMOUNT
    usd = news(number, 70_000, currency="USD", event_id="usd")
    assert await hear(usd, now=NOON) == NewsVerdict.WRONG_AMOUNT
    other = news(number, 70_000, provider="alipay")
    assert await hear(other, now=NOON) == NewsVerdict.UNKNOWN
    assert await held_minor(pool, shop_id) == 0


async def test_money_that_comes_late_is_taken_and_opens_a_suspended_shop(
    pool: Pool, ids: IdMaker
) -> None:
    shop_id = await a_business(pool, ids)
    async with transaction(pool) as tx:
        await deposits.refresh(tx, [shop_id], now=NOON)
    number = await asked_for(pool, ids, shop_id, 100_000)
    late = NOON + timedelta(days=8)
    async with transaction(pool) as tx:
        while await flow.suspend_overdue(tx, now=late):
            pass
        assert await shop_state(tx, shop_id) == "suspended"
    hear = ProviderNews(pool, ids, currency="CNY")
    assert await hear(news(number, 100_000, occurred_at=late), now=late) == NewsVerdict.RECORDED
    assert await held_minor(pool, shop_id) == 100_000
    async with transaction(pool) as tx:
        assert await shop_state(tx, shop_id) == "open"


async def test_money_for_a_deposit_that_has_gone_back_is_the_shops_earnings(
    pool: Pool, ids: IdMaker
) -> None:
    shop_id = await a_business(pool, ids)
    number = await asked_for(pool, ids, shop_id, 500)
    later = NOON + timedelta(days=31)
    async with transaction(pool) as tx:
        name = await tx.fetchval("SELECT name FROM shop WHERE id = $1", shop_id)
        await flow.close_shop(tx, shop_id, name, now=NOON)
    async with transaction(pool) as tx:
        assert await flow.give_back(tx, shop_id, ids=ids, now=later)
    with pytest.raises(ClosedAlready):
        await asked_for(pool, ids, shop_id, 600)
    hear = ProviderNews(pool, ids, currency="CNY")
    assert await hear(news(number, 500, occurred_at=later), now=later) == NewsVerdict.RECORDED
    assert await held_minor(pool, shop_id) == 0
    async with transaction(pool) as tx:
        assert await balances(tx, shop_id) == {"payable:shop": -500}


async def test_what_a_crash_left_recorded_reaches_the_deposit_once(
    pool: Pool, ids: IdMaker
) -> None:
    shop_id = await a_business(pool, ids)
    number = await asked_for(pool, ids, shop_id)
    said = await committed(pool, lambda tx: record(tx, [news(number, 70_000)]))
    assert said == [NewsVerdict.RECORDED]
    assert await held_minor(pool, shop_id) == 0

    async def finish() -> int:
        async with transaction(pool) as tx:
            return await settle(tx, [number], ids)

    assert sorted(await asyncio.gather(finish(), finish())) == [0, 1]
    assert await held_minor(pool, shop_id) == 70_000


async def test_what_nobody_told_is_asked_for_by_the_worker(pool: Pool, ids: IdMaker) -> None:
    shop_id, desk = await a_business(pool, ids), Desk()
    number = await asked_for(pool, ids, shop_id)
    await open_at_provider(
        pool, {"sandbox": desk}, number, subject="s", return_url="http://x", now=NOON
    )
    desk.paid.add(number)
    now = NOON + 2 * MINUTE
    hear = ProviderNews(pool, ids, currency="CNY")
    for heard in await check_payments(pool, {"sandbox": desk}, now, 100):
        if heard.payment_id == number:
            assert await hear(heard, now=now) == NewsVerdict.RECORDED
    assert await held_minor(pool, shop_id) == 70_000


async def test_only_so_many_wait_at_once(pool: Pool, ids: IdMaker) -> None:
    shop_id = await a_business(pool, ids)
    for amount in (0, -5, 10**12):
        with pytest.raises(AmountInvalid):
            await asked_for(pool, ids, shop_id, amount)
    for at in range(PAYMENTS_OPEN_MAX):
        await asked_for(pool, ids, shop_id, 100 + at)
    with pytest.raises(PaymentsOpen):
        await asked_for(pool, ids, shop_id, 999)
    await asked_for(pool, ids, shop_id, 999, now=NOON + timedelta(hours=1))


# Over HTTP -----------------------------------------------------------------------------------


@dataclass
class Counter:
    shop_id: ShopId
    people: dict[str, Person]
    desk: Desk

    async def get(self, who: str, path: str, lang: str = "en", **headers: str) -> httpx.Response:
        it = self.people[who]
        headers["cookie"] = f"jishi_session={it.token}; lang={lang}"
        return await it.client.get(f"/merchant/{self.shop_id}{path}", headers=headers)

    async def post(self, who: str, path: str, **form: str) -> httpx.Response:
        page = await self.get(who, "/deposit")
        found = _TOKEN.search(page.text)
        assert found
        cookie = f"jishi_session={self.people[who].token}; lang=en"
        headers = {"cookie": cookie, "x-csrf-token": found[1]}
        client = self.people[who].client
        return await client.post(f"/merchant/{self.shop_id}{path}", data=form, headers=headers)


@pytest.fixture
async def counter(
    client: httpx.AsyncClient, app: Any, pool: Pool, ids: IdMaker
) -> AsyncIterator[Counter]:
    shop_id, desk = await a_business(pool, ids), Desk()
    before = app.state.providers
    app.state.providers = {**before, "sandbox": desk}
    people = {
        "owner": await a_person(client, pool, ids, owner=shop_id),
        "manager": await a_person(client, pool, ids, manager=shop_id),
    }
    yield Counter(shop_id, people, desk)
    app.state.providers = before


async def test_a_shop_pays_its_deposit_on_the_providers_page(counter: Counter, pool: Pool) -> None:
    made = await counter.post("owner", "/deposit/pay", amount="700.00", provider="sandbox")
    assert (made.status_code, made.headers["location"]) == (303, counter.desk.pay_url)
    number = await pool.fetchval(
        "SELECT payment_id FROM deposit_payment WHERE shop_id = $1", counter.shop_id
    )
    path = f"/deposit/payments/{number}"
    for lang in ("en", "zh-CN"):
        assert (await counter.get("owner", "/deposit", lang)).text.count(path) == 1
        page = await counter.get("owner", path, lang)
        assert page.status_code == 200, page.text[:500]
        assert f"/merchant/{counter.shop_id}{path}" in page.text
    part = await counter.get("owner", path, **{"hx-request": "true"})
    assert part.text.strip().startswith('<div id="standing"')
    assert (await counter.post("owner", path)).headers["location"] == counter.desk.pay_url
    assert (await counter.post("manager", path)).status_code == 403
    counter.desk.paid.add(number)
    await pool.execute(  # as if the last look had been long ago
        "UPDATE payment SET check_at = $2 WHERE id = $1", number, datetime.now(UTC) + MINUTE
    )
    paid = await counter.get("manager", path)
    assert "part of the deposit" in paid.text
    assert await held_minor(pool, counter.shop_id) == 70_000
    done = await counter.post("owner", path)
    assert done.headers["location"] == f"/merchant/{counter.shop_id}{path}"


async def test_what_a_form_is_refused_for(counter: Counter, ids: IdMaker) -> None:
    for form, status in [
        ({"amount": "", "provider": "sandbox"}, 422),
        ({"amount": "x", "provider": "sandbox"}, 422),
        ({"amount": "10000000.00", "provider": "sandbox"}, 422),
        ({"amount": "10.00", "provider": "nobody"}, 422),
        ({"amount": "10.00", "provider": ""}, 409),  # nothing is earned
    ]:
        said = await counter.post("owner", "/deposit/pay", **form)
        assert said.status_code == status, (form, said.text[:300])
        assert f'value="{form["amount"]}"' in said.text or not form["amount"]
    assert (await counter.post("manager", "/deposit/pay", amount="1")).status_code == 403
    nothing = f"/deposit/payments/{ids.make(cell_of(counter.shop_id))}"
    assert (await counter.get("owner", nothing)).status_code == 404


async def test_a_code_to_scan_is_drawn(counter: Counter, pool: Pool) -> None:
    counter.desk.pay_url = "weixin://wxpay/bizpayurl?pr=1"
    await counter.post("owner", "/deposit/pay", amount="11.00", provider="sandbox")
    number = await pool.fetchval(
        "SELECT payment_id FROM deposit_payment WHERE shop_id = $1", counter.shop_id
    )
    page = await counter.get("owner", f"/deposit/payments/{number}")
    assert "<svg xmlns" in page.text
    assert "weixin://" not in page.text


async def test_a_provider_that_is_away_charges_nothing(counter: Counter) -> None:
    from jishi.modules.payments import ProviderUnreachable

    async def away(payment: Payment, **_: Any) -> PayPage:
        raise ProviderUnreachable("down")

    counter.desk.create_payment = away  # type: ignore[method-assign]
    said = await counter.post("owner", "/deposit/pay", amount="9.00", provider="sandbox")
    assert said.status_code == 503
    assert "does not answer" in said.text


@pytest.mark.parametrize(
    ("what", "broken"),
    [
        (
            "payment that did not reach its deposit",
            "UPDATE deposit_payment SET taken_at = NULL WHERE payment_id = $1",
        ),
        (
            "payment that did not reach its deposit",
            "DELETE FROM deposit_move WHERE subject_id = $1",
        ),
        ("payment for nothing", "DELETE FROM deposit_payment WHERE payment_id = $1"),
        (
            "payment for nothing",
            "UPDATE deposit_payment SET amount_minor = amount_minor + 1 WHERE payment_id = $1",
        ),
    ],
)
async def test_the_check_finds_a_payment_without_its_deposit(
    pool: Pool, ids: IdMaker, what: str, broken: str
) -> None:
    shop_id = await a_business(pool, ids)
    number = await asked_for(pool, ids, shop_id)
    await ProviderNews(pool, ids, currency="CNY")(news(number, 70_000), now=NOON)
    async with pool.acquire() as connection:
        change = connection.transaction()
        await change.start()
        query = verify.text_of("payments_reach_orders")
        assert number not in {row["subject_id"] for row in await connection.fetch(query)}
        await connection.execute(broken, number)
        found = {(row["what"], row["subject_id"]) for row in await connection.fetch(query)}
        await change.rollback()
    assert (what, number) in found
