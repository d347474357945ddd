"""Figures of the console: what others pay belongs to a sale and goes back with it, and what waits."""

from datetime import UTC, datetime, timedelta

import pytest

from jishi.db import Tx
from jishi.flows.complete_orders.rules import settle
from jishi.flows.refund_orders import Goods, RefundAsked, RefundLine, refund
from jishi.kit.ids import IdMaker, OrderId, cell_of
from jishi.reads.merchant import queries
from jishi.reads.merchant.figures import day_of
from jishi.reads.operator import queries as operator
from tests.support.aftersale import an_open_case
from tests.support.makers import a_town, an_order, order_row, shop_of

NOW = datetime.now(UTC)
# A coupon of the market paid 300 of the order; 120 of the buyer's and 30 of the market's went back.
_REFUNDED = """
UPDATE sale_order SET platform_minor = 300, refunded_minor = 120, refunded_platform_minor = 30
WHERE cell = $1 AND id = $2
"""


async def _partly_refunded(tx: Tx, ids: IdMaker, until: str) -> OrderId:
    town = await a_town(tx, ids, shops=1, fee_bp=500, now=NOW - timedelta(days=1))
    order_id = await an_order(tx, ids, town, until=until, pieces=3, at=NOW)
    await tx.execute(_REFUNDED, cell_of(order_id), order_id)
    return order_id


@pytest.mark.parametrize("until", ["to_ship", "shipped"])
async def test_what_is_held_is_what_all_payers_have_not_got_back(
    tx: Tx, ids: IdMaker, until: str
) -> None:
    order_id = await _partly_refunded(tx, ids, until)
    row = await order_row(tx, order_id)
    held, _ = await queries.in_escrow(tx, await shop_of(tx, order_id), cursor=None, size=9)
    due = settle(amount_minor=row["amount_minor"], refunded_minor=150, fee_bp=row["fee_bp"])
    assert [(it.id, it.held_minor, it.fee_minor, it.shop_minor) for it in held] == [
        (order_id, row["amount_minor"] - 150, due.fee_minor, due.shop_minor)
    ]


async def test_a_month_counts_what_was_settled_not_what_went_back(tx: Tx, ids: IdMaker) -> None:
    order_id = await _partly_refunded(tx, ids, "completed")
    row = await order_row(tx, order_id)
    day = timedelta(days=1)
    month = await queries.month(tx, await shop_of(tx, order_id), NOW - day, NOW + day)
    assert (month["completed"], month["settled_minor"]) == (1, row["amount_minor"] - 150)


async def test_money_given_back_after_completion_counts_on_its_day(tx: Tx, ids: IdMaker) -> None:
    placed_at = NOW - timedelta(days=5)
    town = await a_town(tx, ids, shops=1, now=placed_at)
    order_id = await an_order(tx, ids, town, until="completed", pieces=3, at=placed_at)
    part = RefundLine(line=1, quantity=0, amount_minor=700)
    asked = RefundAsked(
        order_id=order_id, actor="shop", at=NOW, why="other", goods=Goods.KEPT, lines=[part]
    )
    await refund(tx, [asked], ids)
    shop_id = await shop_of(tx, order_id)
    _, refunds = await queries.today(tx, shop_id, day_of(NOW, "UTC"))
    assert (refunds["today_minor"], refunds["yesterday_minor"]) == (700, 0)
    tomorrow = day_of(NOW + timedelta(days=1), "UTC")
    _, refunds = await queries.today(tx, shop_id, tomorrow)
    assert (refunds["today_minor"], refunds["yesterday_minor"]) == (0, 700)


async def test_a_case_waits_for_the_shop_and_a_dispute_for_the_market(tx: Tx, ids: IdMaker) -> None:
    town = await a_town(tx, ids, shops=1, now=NOW)
    order_id = await an_order(tx, ids, town, until="shipped", pieces=3, at=NOW)
    before = await operator.needs(tx, now=NOW)
    case = await an_open_case(tx, ids, town, order_id, at=NOW)
    waiting = await queries.waiting(tx, case.shop_id, now=NOW)
    assert (waiting["cases"], waiting["case_by"]) == (1, case.deadline)
    await tx.execute(
        "UPDATE aftersale_case SET state = 'disputed' WHERE cell = $1 AND id = $2",
        cell_of(case.id),
        case.id,
    )
    assert (await queries.waiting(tx, case.shop_id, now=NOW))["cases"] == 0
    needs = await operator.needs(tx, now=NOW)
    assert needs["disputes"] == before["disputes"] + 1
    assert needs["rule_by"] is not None
