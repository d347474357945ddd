"""Paying over HTTP: who may, what waits, what came too late, a provider that does not answer."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from jishi.db import Pool
from jishi.flows.checkout.routes_pay import standing_of
from jishi.flows.checkout.types import PaidOrder
from jishi.flows.place_orders import Placed
from jishi.kit.ids import CheckoutId, IdMaker, OrderId, PaymentId
from jishi.modules.payments import Payment, PaymentState
from tests.support.buying import Browser, a_buyer, line_of, statements
from tests.support.makers import Town, committed, pay_all

STATEMENTS_MAX = 6


async def placed(buyer: Browser, pool: Pool, shop: Town, key: str = "p") -> Placed:
    lines = [line_of(shop.goods[0]), line_of(shop.goods[2])]
    answer = await buyer.post(
        "/checkout", key=key, source="now", address_id=str(buyer.address_id), line=lines
    )
    payment_id = int(answer.headers["location"].removeprefix("/pay/"))
    row = await pool.fetchrow("SELECT * FROM payment WHERE id = $1", payment_id)
    return Placed(
        checkout_id=CheckoutId(row["checkout_id"]),
        payment_id=PaymentId(payment_id),
        order_ids=row["order_ids"],
        amount_minor=row["amount_minor"],
    )


async def test_the_pay_page_says_how_much_for_what_and_how_long(
    buyer: Browser, pool: Pool, shop: Town, app_pool: Pool
) -> None:
    bought = await placed(buyer, pool, shop)
    await buyer.get(f"/pay/{bought.payment_id}")
    with statements(app_pool) as seen:
        page = await buyer.get(f"/pay/{bought.payment_id}")
    assert page.status_code == 200
    assert f"Pay ¥{bought.amount_minor / 100:.2f}" in page.text
    assert "data-until=" in page.text
    assert all(f"/orders/{each}" in page.text for each in bought.order_ids)
    assert 0 < len(seen) <= STATEMENTS_MAX, seen


async def test_somebody_elses_payment_is_not_there(
    app: Any, buyer: Browser, pool: Pool, ids: IdMaker, shop: Town
) -> None:
    bought, other = await placed(buyer, pool, shop), await a_buyer(app, pool, ids)
    for path in (f"/pay/{bought.payment_id}", f"/pay/{bought.payment_id}/result"):
        assert (await other.get(path)).status_code == 404
    assert (await other.post(f"/pay/{bought.payment_id}")).status_code == 404
    assert (await buyer.get("/pay/12345")).status_code == 404
    await other.http.aclose()


async def test_a_provider_that_does_not_answer_says_that_nothing_was_charged(
    buyer: Browser, pool: Pool, shop: Town
) -> None:
    bought = await placed(buyer, pool, shop)
    answer = await buyer.post(f"/pay/{bought.payment_id}")
    assert answer.status_code == 503
    assert "You were not charged" in answer.text
    assert (await buyer.get(f"/pay/{bought.payment_id}")).status_code == 200


async def test_the_result_waits_then_tells(
    buyer: Browser, pool: Pool, ids: IdMaker, shop: Town
) -> None:
    bought = await placed(buyer, pool, shop)
    path = f"/pay/{bought.payment_id}/result"
    waiting = await buyer.get(path)
    assert 'hx-trigger="every 3s"' in waiting.text
    assert 'http-equiv="refresh"' in waiting.text
    part = await buyer.get(path, headers={"hx-request": "true"})
    assert part.text.lstrip().startswith('<div id="result"')

    await committed(pool, lambda tx: pay_all(tx, ids, [bought], at=datetime.now(UTC)))
    done = await buyer.get(path)
    assert "holds it until you confirm receipt" in done.text
    assert "every 3s" not in done.text
    assert (await buyer.get(f"/pay/{bought.payment_id}")).headers["location"] == path


async def test_once_the_time_is_over_it_says_that_nothing_was_charged(
    buyer: Browser, pool: Pool, shop: Town
) -> None:
    bought = await placed(buyer, pool, shop)
    long_ago = datetime.now(UTC) - timedelta(minutes=1)
    await pool.execute(
        "UPDATE payment SET expires_at = $2 WHERE id = $1", bought.payment_id, long_ago
    )
    path = f"/pay/{bought.payment_id}/result"
    assert (await buyer.post(f"/pay/{bought.payment_id}")).headers["location"] == path
    assert "You were not charged" in (await buyer.get(path)).text


def an_order(outcome: str | None) -> PaidOrder:
    return PaidOrder(
        id=OrderId(1), state=10, amount_minor=1, shop_name="", title="", image=None, pieces=1,
        outcome=outcome,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("state", "outcomes", "is_open", "standing"),
    [
        ("open", [None], True, "waiting"),
        ("open", [None], False, "over"),
        ("closed", [None], False, "over"),
        ("paid", [None, None], False, "paid"),
        ("paid", ["applied", "late_applied"], False, "paid"),
        ("paid", ["applied", "returned"], False, "part"),
        ("paid", ["returned"], False, "returned"),
    ],
)
def test_where_the_money_is(
    state: str, outcomes: list[str | None], *, is_open: bool, standing: str
) -> None:
    now = datetime(2026, 11, 22, tzinfo=UTC)
    facts: dict[str, Any] = dict.fromkeys(Payment.__dataclass_fields__)
    facts |= {"state": PaymentState(state), "created_at": now, "expires_at": now}
    orders = [an_order(outcome) for outcome in outcomes]
    assert standing_of(Payment(**facts), orders, is_open=is_open) == standing
