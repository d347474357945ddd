-- Ship orders whole or in part, each with a parcel of its own.
-- in:     p_cell, p_cells; per item the order (each at most once a call), its shop as the caller may act
--         for it, a fresh parcel id, carrier, waybill, actor, the instant, days until the clock confirms;
--         p_* the lines of partial parcels: 1-based item, line number, quantity. An item without
--         lines ships all that is left. clock_from: where the confirming clock starts (NULL: shipping).
-- out:    one verdict per item, same order: shipped · part_shipped · unknown · wrong_state · too_many
-- writes: sale_order, sale_order_line, sale_order_step, parcel, parcel_line, outbox
-- locks:  sale_order by (cell, id)
-- index:  primary keys; guards say "state + 0" so that no partial index tempts the planner
-- rule:   jishi.flows.ship_orders.rules.judge
CREATE OR REPLACE FUNCTION ship_orders(
    p_cell smallint, p_cells smallint[], o_id bigint[], o_shop bigint[], o_parcel bigint[],
    o_carrier text[], o_waybill text[], o_actor text[], o_actor_id bigint[], o_at timestamptz[],
    confirm_after interval, p_item integer[], p_line smallint[], p_quantity bigint[],
    clock_from timestamptz DEFAULT NULL
) RETURNS text[]
LANGUAGE plpgsql
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off
SET enable_bitmapscan = off SET plan_cache_mode = force_generic_plan
AS $$
#variable_conflict use_column
DECLARE
    verdicts text[];
BEGIN
    PERFORM 1 FROM (SELECT DISTINCT i.id FROM unnest(o_id) i(id)) i
    JOIN sale_order o ON o.cell = cell_of(i.id) AND o.id = i.id
    WHERE true
        AND o.cell = ANY (p_cells)  -- cluster only
    ORDER BY o.cell, o.id FOR NO KEY UPDATE OF o;

    WITH asked AS (  -- what a partial parcel asks for, per item and line
        SELECT item, line, sum(quantity) AS quantity FROM unnest(p_item, p_line, p_quantity)
            a(item, line, quantity) GROUP BY 1, 2
    ), judged AS (
        SELECT i.at,
            CASE WHEN o.id IS NULL OR o.shop_id <> i.shop THEN 'unknown'
                 WHEN o.state NOT IN (20, 21) THEN 'wrong_state'
                 WHEN EXISTS (
                     SELECT FROM asked a LEFT JOIN sale_order_line l
                         ON l.cell = o.cell AND l.order_id = o.id AND l.line = a.line
                     WHERE a.item = i.at AND (l.line IS NULL OR a.quantity < 1
                         OR a.quantity > l.quantity - l.shipped_quantity - l.cancelled_quantity)) THEN 'too_many'
                 WHEN EXISTS (SELECT FROM asked a WHERE a.item = i.at) AND EXISTS (
                     SELECT FROM sale_order_line l LEFT JOIN asked a ON a.item = i.at AND a.line = l.line
                     WHERE l.cell = o.cell AND l.order_id = o.id
                         AND l.quantity - l.shipped_quantity - l.cancelled_quantity > coalesce(a.quantity, 0)) THEN 'part_shipped'
                 ELSE 'shipped' END AS verdict
        FROM unnest(o_id, o_shop) WITH ORDINALITY i(id, shop, at)
        LEFT JOIN sale_order o ON o.cell = cell_of(i.id) AND o.id = i.id
    )
    SELECT array_agg(verdict ORDER BY at) INTO verdicts FROM judged;

    WITH item AS MATERIALIZED (
        SELECT i.*, cell_of(i.id) AS cell FROM unnest(o_id, o_shop, o_parcel, o_carrier, o_waybill,
            o_actor, o_actor_id, o_at, verdicts) WITH ORDINALITY
            i(id, shop, parcel, carrier, waybill, actor, actor_id, shipped_at, verdict, at)
        WHERE i.verdict IN ('shipped', 'part_shipped')
    ), content AS MATERIALIZED (
        SELECT i.cell, i.parcel, i.id, l.line,
            coalesce(a.quantity, l.quantity - l.shipped_quantity - l.cancelled_quantity) AS quantity
        FROM item i
        JOIN sale_order_line l ON l.cell = i.cell AND l.order_id = i.id
        LEFT JOIN (SELECT item, line, sum(quantity) AS quantity FROM unnest(p_item, p_line, p_quantity)
            a(item, line, quantity) GROUP BY 1, 2) a ON a.item = i.at AND a.line = l.line
        WHERE (a.line IS NOT NULL OR NOT i.at = ANY (coalesce(p_item, '{}')))
            AND l.quantity > l.shipped_quantity + l.cancelled_quantity
    ), lined AS (
        UPDATE sale_order_line l SET shipped_quantity = l.shipped_quantity + c.quantity
        FROM content c WHERE l.cell = c.cell AND l.order_id = c.id AND l.line = c.line
    ), packed AS (
        INSERT INTO parcel (cell, id, order_id, shop_id, carrier, waybill, shipped_at, actor_id)
        SELECT cell, parcel, id, shop, carrier, waybill, shipped_at, actor_id FROM item
    ), filled AS (
        INSERT INTO parcel_line (cell, parcel_id, order_id, line, quantity)
        SELECT cell, parcel, id, line, quantity FROM content
    ), moved AS (
        UPDATE sale_order o SET version = o.version + 1,
            state = CASE i.verdict WHEN 'shipped' THEN 30 ELSE 21 END,
            shipped_at = CASE i.verdict WHEN 'shipped' THEN i.shipped_at END,
            confirm_by = CASE i.verdict WHEN 'shipped' THEN coalesce(clock_from, i.shipped_at) + confirm_after END
        FROM item i WHERE o.cell = i.cell AND o.id = i.id AND o.state + 0 IN (20, 21)
        RETURNING o.cell, o.id, o.version, o.state, o.buyer_id, i.actor, i.actor_id, i.verdict,
            i.shipped_at, i.shop, i.parcel, i.carrier, i.waybill
    ), stepped AS (
        INSERT INTO sale_order_step (cell, order_id, version, state, actor, actor_id, why, occurred_at)
        SELECT cell, id, version, state, actor, actor_id, verdict, shipped_at FROM moved
    )
    INSERT INTO outbox (cell, topic, subject_id, payload, occurred_at)
    SELECT cell, 'orders.shipped', id, jsonb_build_object('order_id', id::text, 'shop_id', shop::text,
        'buyer_id', buyer_id::text, 'parcel_id', parcel::text, 'carrier', carrier, 'waybill', waybill,
        'whole', verdict = 'shipped'), shipped_at
    FROM moved;
    RETURN verdicts;
END
$$;
