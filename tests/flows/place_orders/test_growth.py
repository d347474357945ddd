"""Every hot command reads as much beside 20,000 orders as beside a few: no plan depends on size."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest_asyncio

from jishi.db import Tx
from jishi.flows.cancel_orders import Cancellation, cancel
from jishi.flows.cancel_orders import flow as cancel_flow
from jishi.flows.complete_orders import Completion, complete
from jishi.flows.complete_orders import flow as complete_flow
from jishi.flows.place_orders import Placed, place
from jishi.flows.refund_orders import RefundAsked, end_refunds, refund
from jishi.flows.ship_orders import ship
from jishi.flows.take_payment import flow as pay_flow
from jishi.flows.take_payment import record
from jishi.flows.take_payment.flow import settle
from jishi.kit.ids import IdMaker, OrderId
from tests.support.makers import (
    CONFIRM_AFTER,
    NOON,
    TERMS,
    UNPAID_FOR,
    Town,
    a_checkout,
    a_shipment,
    a_town,
    news_of,
    refund_news,
)
from tests.support.plans import plan_of, reading

BATCH = 32
ORDERS = 20_000
# Ids of June 2024, so that none was ever made by a process of the tests.
_IDS = """
CREATE TEMP TABLE grown ON COMMIT DROP AS
SELECT n, $2::timestamptz AS at, ((13000000000 + n) << 22) | (n % 256 << 14) AS id, (n % 256)::smallint AS cell,
    (12000000000 << 22) | (n % 256 << 14) AS shop, (11000000000 + n % 997 << 22) AS buyer,
    ((14000000000 + n) << 22) AS payment,
    (ARRAY[10, 20, 20, 20, 30, 30, 100, 100, 100, 250])[n % 10 + 1] AS state
FROM generate_series(1, $1::int) n
"""
_GROW = (
    """INSERT INTO sale_order (cell, id, shop_id, buyer_id, checkout_id, payment_id, state, goods_minor,
        freight_minor, amount_minor, fee_bp, address, placed_at, expires_at, confirm_by, ship_by)
    SELECT cell, id, shop, buyer, payment + 1, payment, state, 500, 0, 500, 60, '{}', at,
        at + interval '1 day', CASE state WHEN 30 THEN at + interval '9 days' END,
        CASE state WHEN 20 THEN at + interval '2 days' END FROM grown""",
    """INSERT INTO sale_order_line (cell, order_id, line, sku_id, product_id, warehouse_id, quantity,
        price_minor, goods_minor, freight_minor, amount_minor, title)
    SELECT cell, id, line, shop + line, shop, shop, 1, 250, 250, 0, 250, 'Tea'
    FROM grown, generate_series(1, 2) line""",
    """INSERT INTO sale_order_step (cell, order_id, version, state, actor, occurred_at)
    SELECT cell, id, version, state, 'buyer', at FROM grown, generate_series(1, 3) version""",
    """INSERT INTO stock_move (cell, sku_id, warehouse_id, kind, quantity, order_id, occurred_at)
    SELECT cell, shop + line, shop, 'hold', 1, id, at FROM grown, generate_series(1, 2) line""",
    """INSERT INTO stock_hold (cell, order_id, line, sku_id, warehouse_id, quantity, expires_at)
    SELECT cell, id, line, shop + line, shop, 1, at FROM grown, generate_series(1, 2) line
    WHERE state = 10""",
    """INSERT INTO checkout (cell, id, buyer_id, idempotency_key, request_hash, order_ids, payment_id,
        amount_minor, placed_at)
    SELECT 0, payment + 1, buyer, n::text, '', ARRAY[id], payment, 500, at FROM grown""",
    """INSERT INTO payment (cell, id, checkout_id, buyer_id, provider, amount_minor, currency, state,
        order_ids, order_amounts, created_at, expires_at, paid_at)
    SELECT 0, payment, payment + 1, buyer, 'sandbox', 500, 'CNY',
        CASE WHEN state IN (10, 250) THEN 'open' ELSE 'paid' END, ARRAY[id], ARRAY[500::bigint], at, at,
        CASE WHEN state NOT IN (10, 250) THEN at END FROM grown""",
    """INSERT INTO payment_callback (cell, provider, event_id, kind, payment_id, amount_minor, verdict,
        received_at)
    SELECT 0, 'sandbox', 'grown-' || n, 'payment.paid', payment, 500, 'recorded', at FROM grown""",
    """INSERT INTO payment_part (cell, order_id, payment_id, provider, amount_minor, outcome, taken_at)
    SELECT cell, id, payment, 'sandbox', 500, 'applied', at FROM grown WHERE state NOT IN (10, 250)""",
    """INSERT INTO refund (cell, id, order_id, payment_id, provider, amount_minor, state, why, asked_at)
    SELECT cell, id + 1, id, payment, 'sandbox', 500, 'confirmed', 'x', at FROM grown WHERE n % 5 = 0""",
    """INSERT INTO ledger_transfer (cell, id, kind, order_id, subject_id, occurred_at)
    SELECT cell, id, 'pay', id, payment, at FROM grown WHERE state NOT IN (10, 250)""",
    """INSERT INTO ledger_posting (cell, transfer_id, posting, kind, party_id, amount_minor)
    SELECT cell, id, 1, 'escrow', shop, -500 FROM grown""",
    """INSERT INTO parcel (cell, id, order_id, shop_id, carrier, waybill, shipped_at)
    SELECT cell, id + 2, id, shop, 'SF', 'SF1', at FROM grown WHERE state IN (30, 100)""",
    """INSERT INTO parcel_line (cell, parcel_id, order_id, line, quantity)
    SELECT cell, id + 2, id, 1, 1 FROM grown WHERE state IN (30, 100)""",
    """INSERT INTO outbox (cell, topic, subject_id, payload, occurred_at)
    SELECT cell, 'orders.placed', id, '{}', at FROM grown, generate_series(1, 2)""",
)


async def grow(tx: Tx) -> None:
    await tx.execute(_IDS, ORDERS, NOON)
    for statement in _GROW:
        await tx.execute(statement)
    await tx.execute("ANALYZE")


@pytest_asyncio.fixture(loop_scope="session")
async def big(tx: Tx) -> Tx:
    await grow(tx)
    return tx


class Life:
    """A batch of orders from placing to the end; how much each command read."""

    def __init__(self, tx: Tx, ids: IdMaker, town: Town) -> None:
        self.tx, self.ids, self.town = tx, ids, town
        self.rows: dict[str, int] = {}
        self.scanned: dict[str, list[str]] = {}

    async def note(self, command: str, work: Callable[[], Awaitable[Any]]) -> Any:
        async with reading(self.tx) as reads:
            answer = await work()
        self.rows[command] = reads.rows
        self.scanned[command] = reads.scanned
        return answer

    async def live(self) -> None:
        tx, ids = self.tx, self.ids
        placed = await self.note("place", self.place)
        await self.note("repeat", self.place)
        assert all(isinstance(each, Placed) for each in placed)
        await self.note("record", lambda: record(tx, [news_of(each) for each in placed]))
        payment_ids = [each.payment_id for each in placed]
        await self.note("settle", lambda: settle(tx, payment_ids, ids))
        orders = [order_id for each in placed for order_id in each.order_ids]
        back, kept = orders[::4], [each for at, each in enumerate(orders) if at % 4]
        wishes = [RefundAsked(order_id=each, actor="buyer", at=NOON, why="x") for each in back]
        await self.note("refund", lambda: refund(tx, wishes, ids))
        rows = await tx.fetch("SELECT * FROM refund WHERE order_id = ANY ($1)", back)
        await self.note("end_refunds", lambda: end_refunds(tx, [refund_news(row) for row in rows]))
        shops = {goods.shop_id for goods in self.town.goods}
        assert len(shops) == 1
        sent = [a_shipment(each, next(iter(shops))) for each in kept]
        await self.note("ship", lambda: ship(tx, sent, ids, confirm_after=CONFIRM_AFTER))
        done = [Completion(order_id=each, buyer_id=None, at=NOON) for each in kept]
        await self.note("complete", lambda: complete(tx, done))
        more = await self.place(key="more")
        gone = [
            Cancellation(order_id=OrderId(each.order_ids[0]), actor="clock", at=NOON, why="x")
            for each in more
        ]
        await self.note("cancel", lambda: cancel(tx, gone))
        closing = [each.payment_id for each in more]
        await self.note("close_payments", lambda: cancel_flow.close_payments(tx, closing))

    async def place(self, key: str = "first") -> list[Any]:
        buyer, goods = self.town.buyers[0], self.town.goods
        wishes = [
            a_checkout(
                self.ids, buyer, [(goods[at % 4], 1), (goods[(at + 1) % 4], 1)], key=f"{key}{at}"
            )
            for at in range(BATCH)
        ]
        return list(await place(self.tx, wishes, self.ids, TERMS))


async def test_no_command_reads_more_because_there_are_more_orders(tx: Tx, ids: IdMaker) -> None:
    small = Life(tx, ids, await a_town(tx, ids, shops=1, skus=4, stock=10_000))
    await small.live()
    await grow(tx)
    big = Life(tx, ids, await a_town(tx, ids, shops=1, skus=4, stock=10_000))
    await big.live()
    assert {command: tables for command, tables in big.scanned.items() if tables} == {}
    grown = {
        command: (small.rows[command], rows)
        for command, rows in big.rows.items()
        if rows > max(small.rows[command] * 1.5, BATCH * 4)  # a few rows per order are no growth
    }
    assert grown == {}
    assert max(big.rows.values()) < BATCH * 60


async def test_clocks_and_parts_go_by_their_indexes(big: Tx) -> None:
    """Statements outside the functions, where the planner is free."""
    for statement, at, index in (
        (cancel_flow._DUE, NOON + UNPAID_FOR, "sale_order_lapsing"),
        (complete_flow._DUE, NOON + timedelta(days=8), "sale_order_confirming"),
    ):
        assert index in await plan_of(big, statement, at, 500)
        async with reading(big) as reads:
            await big.fetch(statement, at, 500)
        assert reads.scanned == []
        assert reads.rows <= 500  # a full batch where other tests left orders that are due
    payments = [row["id"] for row in await big.fetch("SELECT id FROM payment LIMIT 100")]
    plan = await plan_of(big, pay_flow._PARTS, payments)
    assert "payment_pkey" in plan
    assert "payment_part_pkey" in plan
    assert "Seq Scan" not in plan
