"""Queues and lists of freight go through the index they name, whatever plan is kept for them."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from jishi.db import Pool, Tx, load_sql
from jishi.kit.ids import IdMaker, cell_of
from jishi.modules.fulfilment import label_book
from jishi.reads.deliveries import queries

# Twenty shops in one cell, so that no index of the whole cell will do.
_SEED = [
    """
INSERT INTO sale_order (cell, id, shop_id, buyer_id, checkout_id, payment_id, state, goods_minor,
    freight_minor, amount_minor, fee_bp, address, placed_at, expires_at, paid_at, ship_by, confirm_by,
    closed_at)
SELECT $1::smallint, $2::bigint + (n::bigint << 22), $2::bigint + n % 20, n, n, n,
    CASE WHEN n / 20 % 100 < 4 THEN 20 WHEN n / 20 % 100 < 12 THEN 30 ELSE 100 END,
    100, 0, 100, 60, '{}', at, at, at, at, at, at
FROM generate_series(1, 20000) n, LATERAL (SELECT timestamptz '2026-01-01' + n * interval '1 min') t(at)
""",
    """
INSERT INTO waybill (cell, id, shop_id, order_id, warehouse_id, carrier, state, number, pieces, actor_id,
    asked_at, retry_at)
SELECT o.cell, o.id + 1, o.shop_id, o.id, 1, 'shunfeng', CASE WHEN o.state = 100 THEN 'used' ELSE 'made' END,
    'SF' || o.id, 1, 1, o.placed_at, CASE WHEN o.id % 200 = 0 THEN o.placed_at END
FROM sale_order o WHERE o.cell = $1 AND o.id > $2 AND o.state > 20
""",
    """
INSERT INTO parcel (cell, id, order_id, shop_id, carrier, waybill, shipped_at, progress, lane_from, lane_to,
    promised_arrival_at, arrived_at, query_at)
SELECT o.cell, o.id + 2, o.id, o.shop_id, 'shunfeng', 'SF' || o.id, o.placed_at,
    CASE WHEN o.state = 100 AND o.id % 40 = 0 THEN 'lost' WHEN o.state = 100 THEN 'delivered' ELSE 'shipped' END,
    33, 44, o.placed_at, CASE WHEN o.state = 100 THEN o.placed_at END,
    CASE WHEN o.state = 30 THEN o.placed_at END
FROM sale_order o WHERE o.cell = $1 AND o.id > $2 AND o.state > 20
""",
    """
INSERT INTO order_promise (cell, order_id, shop_id, lane_from, lane_to, ship_by, arrive_by, is_open)
SELECT o.cell, o.id, o.shop_id, 33, 44, o.ship_by, o.ship_by, o.state = 20
FROM sale_order o WHERE o.cell = $1 AND o.id > $2
""",
    """
INSERT INTO compensation (cell, order_id, kind, shop_id, buyer_id, rule_version, ship_by, late_hours, base_minor,
    rate_bp, cap_minor, amount_minor, state, decided_at)
SELECT o.cell, o.id, 'late_shipping', o.shop_id, o.buyer_id, 1, o.ship_by, 1, 100, 500, 100, 0, 'void', o.placed_at
FROM sale_order o WHERE o.cell = $1 AND o.id > $2
""",
    """
INSERT INTO parcel_day (cell, shop_id, day, carrier, lane_from, lane_to, parcels)
SELECT $1::smallint, $2::bigint + n % 20, date '2024-01-01' + n / 20 % 700, 'c' || n / 14000, 33, 44, 1
FROM generate_series(0, 27999) n
""",
]
TABLES = ("sale_order", "waybill", "parcel", "order_promise", "compensation", "parcel_day")
NEVER, FAR, TOP = "'2000-01-01'", "'9999-12-31'", str(2**62)
DISPATCH, TRACK = "jishi.flows.dispatch", "jishi.flows.track_parcels"
DELIVERIES = "jishi.reads.deliveries"


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def seeded(pool: Pool, ids: IdMaker) -> AsyncIterator[tuple[Tx, int]]:
    """A transaction with a large shop in it, rolled back after the last case."""
    shop_id = ids.make(9)
    async with pool.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        for seed in _SEED:
            await connection.execute(seed, cell_of(shop_id), shop_id)
        for table in TABLES:
            await connection.execute(f"ANALYZE {table}")
        await connection.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        yield connection, shop_id
        await transaction.rollback()


@pytest.mark.parametrize(
    ("_case", "statement", "values", "index"),
    [
        ("labels that wait", label_book._WAITING, "{cell}, {shop}, 0, 101", "waybill_waiting"),
        (
            "labels of orders",
            label_book._OF_ORDERS,
            "{cell}, '{{1,2}}', {shop}",
            "waybill_by_order",
        ),
        ("a label scanned", label_book._OF_NUMBER, "{cell}, {shop}, 'SF1'", "waybill_by_number"),
        ("labels to finish", label_book._DUE, f"{NEVER}, 50, {FAR}", "waybill_due"),
        (
            "orders without a label",
            load_sql(DISPATCH, "orders_without_label"),
            "{cell}, {shop}, 200",
            "sale_order_shipping",
        ),
        (
            "orders to pick",
            load_sql(DISPATCH, "pick_rows"),
            "{cell}, {shop}, NULL, 200",
            "sale_order_shipping",
        ),
        (
            "the sheet to fill in",
            load_sql(DISPATCH, "template_rows"),
            "{cell}, {shop}, 5000",
            "sale_order_shipping",
        ),
        (
            "parcels to ask about",
            load_sql(TRACK, "claim_queries"),
            f"{FAR}, 50, '5 min'",
            "parcel_query",
        ),
        (
            "parcels of a callback",
            load_sql(TRACK, "lock_parcels"),
            "'{{shunfeng}}', '{{SF1}}', 50",
            "parcel_by_waybill",
        ),
        (
            "promises to judge",
            load_sql("jishi.flows.compensate", "claim_due"),
            f"{FAR}, 200",
            "order_promise_due",
        ),
        (
            "overdue parcels",
            queries._LATE,
            f"{{cell}}, {{shop}}, {NEVER}, {FAR}, 0, 21",
            "parcel_late",
        ),
        ("ended parcels", queries._ENDED, f"{{cell}}, {{shop}}, {TOP}, 21", "parcel_exceptional"),
        (
            "a shop's compensations",
            queries._SHOP_COMPENSATIONS,
            f"{{cell}}, {{shop}}, {FAR}, 0, 21",
            "compensation_by_shop",
        ),
        ("all compensations", queries._COMPENSATIONS, f"{FAR}, 0, 21", "compensation_newest"),
        (
            "paid to buyers of a shop",
            queries._PAID,
            f"{NEVER}, {{cell}}, {{shop}}",
            "compensation_by_shop",
        ),
        (
            "a shop's carriers",
            load_sql(DELIVERIES, "by_carrier"),
            "{cell}, {shop}, '2025-11-01', 20",
            "parcel_day_pkey",
        ),
        (
            "a shop's lanes",
            load_sql(DELIVERIES, "by_lane"),
            "{cell}, {shop}, '2025-11-01', 40",
            "parcel_day_pkey",
        ),
    ],
)
async def test_queues_and_lists_go_through_their_index(
    seeded: tuple[Tx, int], _case: str, statement: str, values: str, index: str
) -> None:
    tx, shop_id = seeded
    await tx.execute(f"PREPARE asked AS {statement}")
    given = values.format(cell=f"{cell_of(shop_id)}::smallint", shop=shop_id)
    rows = await tx.fetch(f"EXPLAIN EXECUTE asked({given})")
    await tx.execute("DEALLOCATE asked")
    plan = "\n".join(row[0] for row in rows)
    assert index in plan, plan
    assert not [table for table in TABLES if f"Seq Scan on {table} " in plan], plan
