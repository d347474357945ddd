"""From the pay page to a paid order and back, through each provider, over HTTP.

The market's routes run in this process; the provider is a local server that checks signatures.
"""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from jishi.db import Pool, transaction
from jishi.flows.provider_news import ProviderNews
from jishi.flows.refund_orders import RefundAsked, refund
from jishi.kit.ids import IdMaker
from jishi.modules.payments import (
    NewsVerdict,
    PaymentState,
    check_payments,
    check_refunds,
    open_at_provider,
    send_refunds,
    storage,
)
from tests.modules.payments.desks import AlipayDesk, WechatDesk, alipay_desk, wechat_desk
from tests.support.makers import (
    a_checkout,
    a_town,
    committed,
    place_all,
    refunds_of,
    state_of,
)

pytestmark = pytest.mark.usefixtures("sound")
MINUTE = timedelta(minutes=1)
Desks = dict[str, WechatDesk | AlipayDesk]


@pytest.fixture
async def desks() -> AsyncIterator[Desks]:
    made: Desks = {"wechatpay": wechat_desk(), "alipay": alipay_desk()}
    yield made
    for desk in made.values():
        await desk.provider.close()
        desk.server.stop()


@pytest.fixture
async def market(app: Any, desks: Desks) -> AsyncIterator[Any]:
    """The running application, talking to the local servers."""
    before = app.state.providers
    app.state.providers = {**before, **{name: it.provider for name, it in desks.items()}}
    yield app
    app.state.providers = before


def now() -> datetime:
    return datetime.now(UTC)


def providers_of(desks: Desks) -> dict[str, Any]:
    return {name: it.provider for name, it in desks.items()}


async def an_opened(pool: Pool, ids: IdMaker, desks: Desks, name: str) -> Any:
    town = await a_town(pool, ids)
    asked = a_checkout(ids, town.buyers[0], town.goods[0], now=now())
    (placed,) = await committed(pool, lambda tx: place_all(tx, ids, [asked]))
    page = await open_at_provider(
        pool,
        providers_of(desks),
        placed.payment_id,
        provider=name,
        subject="一件",
        return_url="https://market.test/r",
        now=now(),
    )
    desk = desks[name]
    if isinstance(desk, AlipayDesk):
        desk.server.visit(page.pay_url or "")
    desk.server.pay(str(placed.payment_id))
    return placed


@pytest.mark.parametrize("name", ["wechatpay", "alipay"])
async def test_a_callback_pays_the_order_once(
    pool: Pool, ids: IdMaker, client: Any, market: Any, desks: Desks, name: str
) -> None:
    del market
    placed = await an_opened(pool, ids, desks, name)
    headers, body = desks[name].server.callback(str(placed.payment_id))
    path = f"/api/v1/payments/callbacks/{name}"
    forged = body.replace(b"CNY", b"USD") if b"CNY" in body else body + b" "
    forged = forged if forged != body else body + b"&x=1"
    refused = await client.post(path, headers=headers, content=forged)
    assert refused.status_code == 401
    for _ in range(2):
        taken = await client.post(path, headers=headers, content=body)
        assert taken.status_code == 200
        assert taken.content == b"success" if name == "alipay" else taken.json()["verdict"]
    assert await state_of(pool, placed.order_ids[0]) == 20
    other = "alipay" if name == "wechatpay" else "wechatpay"
    wrong_door = await client.post(
        f"/api/v1/payments/callbacks/{other}", headers=headers, content=body
    )
    assert wrong_door.status_code in (401, 403, 422)


@pytest.mark.parametrize("name", ["wechatpay", "alipay"])
async def test_what_nobody_told_is_asked_and_a_refund_goes_all_the_way(
    pool: Pool, ids: IdMaker, desks: Desks, name: str
) -> None:
    placed = await an_opened(pool, ids, desks, name)
    apply = ProviderNews(pool, ids, currency="CNY")
    heard = await check_payments(pool, providers_of(desks), now() + 2 * MINUTE, 100)
    (news,) = [it for it in heard if it.payment_id == placed.payment_id]
    assert await apply(news, now=now()) is NewsVerdict.RECORDED
    async with transaction(pool) as tx:
        paid = await storage.find_payment(tx, placed.payment_id)
    assert paid
    assert (paid.state, paid.provider) == (PaymentState.PAID, name)
    wish = RefundAsked(order_id=placed.order_ids[0], actor="buyer", at=now(), why="buyer_refunded")
    await committed(pool, lambda tx: refund(tx, [wish], ids))
    (row,) = await refunds_of(pool, placed.order_ids[0])
    told = await send_refunds(pool, providers_of(desks), now() + MINUTE, 10_000)
    desk = desks[name]
    if isinstance(desk, WechatDesk):
        desk.server.end_refund(str(row["id"]))
        told += await check_refunds(pool, providers_of(desks), now() + timedelta(hours=1), 10_000)
    for each in told:
        if each.refund_id == row["id"]:
            await apply(each, now=now())
    (row,) = await refunds_of(pool, placed.order_ids[0])
    assert (row["state"], row["provider"]) == ("confirmed", name)
