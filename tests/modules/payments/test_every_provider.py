"""What holds for every real provider, each against its local server."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from jishi.modules.payments.provider import ProviderRefused, ProviderUnreachable
from jishi.modules.payments.types import Standing
from tests.modules.payments.desks import (
    Desk,
    alipay_desk,
    at_work,
    fresh,
    stripe_desk,
    wechat_desk,
)
from tests.modules.payments.makers import a_refund, paid_of

DESKS = {"wechatpay": wechat_desk, "alipay": alipay_desk, "stripe": stripe_desk}


@pytest.fixture(params=DESKS)
async def desk(request: Any) -> AsyncIterator[Desk]:
    async with at_work(DESKS[request.param]()) as made:
        yield made


async def test_closing_and_what_is_not_there(desk: Desk) -> None:
    payment = await desk.open()
    assert (await desk.provider.close_payment(payment)).standing is Standing.CLOSED
    assert (await desk.provider.query_payment(payment)).standing is Standing.CLOSED
    for changes in ({}, {"provider_ref": "cs_test_nothing"}):
        nothing = fresh(payment.provider, **changes)
        assert (await desk.provider.query_payment(nothing)).standing is Standing.UNKNOWN
        assert (await desk.provider.close_payment(nothing)).standing is Standing.UNKNOWN


@pytest.mark.parametrize("desk", ["wechatpay", "alipay"], indirect=True)
async def test_a_refund_of_what_is_not_there_is_unknown(desk: Desk) -> None:
    nothing = fresh((await desk.open()).provider)
    said = await desk.provider.query_refund(a_refund(), paid_of(nothing))
    assert said.standing is Standing.UNKNOWN


@pytest.mark.parametrize("fault", ["forged", "500", "429", "garbage", "silent"])
async def test_an_answer_that_says_nothing_is_no_answer(desk: Desk, fault: str) -> None:
    payment = await desk.paid()
    desk.server.faults.append(fault)
    with pytest.raises(ProviderUnreachable):
        await desk.provider.query_payment(payment)
    assert (await desk.provider.query_payment(payment)).standing is Standing.DONE


@pytest.mark.parametrize("desk", ["wechatpay", "alipay"], indirect=True)
async def test_an_empty_account_is_a_no_and_not_a_fault(desk: Desk) -> None:
    payment = await desk.paid()
    desk.server.balance = 0
    with pytest.raises(ProviderRefused, match="NOT_ENOUGH"):
        await desk.provider.refund(a_refund(payment_id=payment.id), paid_of(payment))
