"""The lists of a large shop go through the index they name, whatever plan is kept for them."""

import pytest

from jishi.db import Tx, load_sql
from jishi.kit.ids import IdMaker, cell_of

# Twenty shops in one cell, so that no index of the whole cell will do.
_SEED = """
INSERT INTO sale_order (cell, id, shop_id, buyer_id, checkout_id, payment_id, state, goods_minor,
    freight_minor, amount_minor, fee_bp, address, placed_at, expires_at, paid_at, ship_by, confirm_by,
    closed_at)
SELECT $1::smallint, $2::bigint + (n::bigint << 22), $2::bigint + n % 20, n, n, n,
    CASE WHEN m < 2 THEN 20 WHEN m = 2 THEN 10 WHEN m = 3 THEN 200 WHEN m < 9 THEN 30 ELSE 100 END,
    100, 0, 100, 60, '{}', at, at, at, at, at, at
FROM generate_series(1, 20000) n,
    LATERAL (SELECT timestamptz '2026-01-01' + n * interval '1 min', n / 20 % 100) t(at, m)
"""
# Refunds of every cell: ids carry their cell (bits 14 to 21).
_REFUNDS = """
INSERT INTO refund (cell, id, order_id, payment_id, provider, amount_minor, state, why, asked_at)
SELECT n % 256, (n::bigint << 22) + ((n % 256)::bigint << 14) + 1, n, n, 'sandbox', 100, 'confirmed', 'other',
    timestamptz '2026-01-01' + n * interval '1 min'
FROM generate_series(1, 20000) n
"""
NEVER, FAR = "'2000-01-01'", "'9999-12-31'"
TOP = str(2**62)


@pytest.mark.parametrize(
    ("name", "tail", "index"),
    [
        ("ids_newest", f"{TOP}, 0, 21", "sale_order_by_shop"),
        ("ids_in_state", f"{TOP}, 0, 21, 10::smallint", "sale_order_by_state"),
        ("ids_completed", f"{FAR}, {TOP}, 21, {FAR}, {NEVER}", "sale_order_closed"),
        (
            "ids_by_deadline",
            f"'{{20}}'::smallint[], {NEVER}, 0, {FAR}, 21, {TOP}, 0",
            "sale_order_shipping",
        ),
        ("refunds", f"0, {NEVER}, {NEVER}, {FAR}, {FAR}", "refund_pkey"),
        ("month", f"{NEVER}, {FAR}", "sale_order_closed"),
        ("counts", f"{FAR}, 1000", "sale_order_by_state"),
        ("waiting", f"{FAR}, {FAR}", "sale_order_shipping"),
        ("in_escrow", f"30::smallint, 0, {NEVER}, 21", "sale_order_by_state"),
        ("in_escrow", f"20::smallint, 0, {NEVER}, 21", "sale_order_shipping"),
    ],
)
async def test_lists_go_through_their_index(
    tx: Tx, ids: IdMaker, name: str, tail: str, index: str
) -> None:
    shop_id = ids.make(9)
    await tx.execute("DELETE FROM refund")  # what other tests left tells the planner of other cells
    await tx.execute("DELETE FROM sale_order")
    await tx.execute(_SEED, cell_of(shop_id), shop_id)
    await tx.execute(_REFUNDS)
    await tx.execute("ANALYZE sale_order")
    await tx.execute("ANALYZE refund")
    await tx.execute("SET LOCAL plan_cache_mode = force_generic_plan")
    await tx.execute(f"PREPARE asked AS {load_sql('jishi.reads.merchant', name)}")
    rows = await tx.fetch(f"EXPLAIN EXECUTE asked({cell_of(shop_id)}::smallint, {shop_id}, {tail})")
    await tx.execute("DEALLOCATE asked")
    plan = "\n".join(row[0] for row in rows)
    assert index in plan, plan
    assert "Seq Scan on sale_order" not in plan, plan
