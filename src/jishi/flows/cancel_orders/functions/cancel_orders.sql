-- Cancel unpaid orders and give their stock back at once.
-- in:     p_cell, p_cells; per item the order, the buyer or shop it must belong to (NULL: not asked),
--         the actor's kind and id, why ('lapsed' only when its time has run out), the instant
-- out:    one verdict per item, same order: cancelled · unknown · wrong_state · not_due
-- writes: sale_order, sale_order_step, stock, stock_hold, stock_move, offers (through take_offers), outbox
-- locks:  sale_order by (cell, id), then stock by (cell, sku_id, warehouse_id), then offer_stock
-- index:  primary keys; guards say "state + 0" so that no partial index tempts the planner
-- rule:   jishi.flows.cancel_orders.rules.judge
CREATE OR REPLACE FUNCTION cancel_orders(
    p_cell smallint, p_cells smallint[], o_id bigint[], o_buyer bigint[], o_shop bigint[],
    o_actor text[], o_actor_id bigint[], o_why text[], o_at timestamptz[]
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

    WITH alone AS (  -- each item as if it were the only one
        SELECT i.id, i.at,
            CASE WHEN o.id IS NULL OR o.buyer_id <> i.buyer OR o.shop_id <> i.shop THEN 'unknown'
                 WHEN o.state <> 10 THEN 'wrong_state'
                 WHEN i.why = 'lapsed' AND i.now < o.expires_at THEN 'not_due'
                 ELSE 'cancelled' END AS verdict
        FROM unnest(o_id, o_buyer, o_shop, o_why, o_at) WITH ORDINALITY i(id, buyer, shop, why, now, at)
        LEFT JOIN sale_order o ON o.cell = cell_of(i.id) AND o.id = i.id
    )
    SELECT array_agg(CASE WHEN a.verdict IN ('cancelled', 'not_due') AND a.done_before THEN 'wrong_state'
        ELSE a.verdict END ORDER BY a.at)
    INTO verdicts
    FROM (SELECT *, count(*) FILTER (WHERE verdict = 'cancelled') OVER (PARTITION BY id ORDER BY at
              ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) > 0 AS done_before FROM alone) a;

    PERFORM 1 FROM (
        SELECT DISTINCT h.cell, h.sku_id, h.warehouse_id
        FROM unnest(o_id, verdicts) i(id, verdict)
        JOIN stock_hold h ON h.cell = cell_of(i.id) AND h.order_id = i.id
        WHERE i.verdict = 'cancelled') h
    JOIN stock s USING (cell, sku_id, warehouse_id)
    ORDER BY s.cell, s.sku_id, s.warehouse_id FOR NO KEY UPDATE OF s;

    WITH item AS MATERIALIZED (
        SELECT i.*, cell_of(i.id) AS cell
        FROM unnest(o_id, o_actor, o_actor_id, o_why, o_at, verdicts) i(id, actor, actor_id, why, at, verdict)
        WHERE i.verdict = 'cancelled'
    ), freed AS (
        DELETE FROM stock_hold h USING item i WHERE h.cell = i.cell AND h.order_id = i.id
        RETURNING h.cell, h.sku_id, h.warehouse_id, h.quantity, h.order_id, i.at
    ), counted AS (
        UPDATE stock s SET held = s.held - d.quantity, on_hand = s.on_hand + d.quantity
        FROM (SELECT cell, sku_id, warehouse_id, sum(quantity) AS quantity FROM freed GROUP BY 1, 2, 3) d
        WHERE s.cell = d.cell AND s.sku_id = d.sku_id AND s.warehouse_id = d.warehouse_id
    ), released AS (
        INSERT INTO stock_move (cell, sku_id, warehouse_id, kind, quantity, order_id, occurred_at)
        SELECT cell, sku_id, warehouse_id, 'release', quantity, order_id, at FROM freed
    ), done AS (
        UPDATE sale_order o SET state = 250, closed_at = i.at, version = o.version + 1
        FROM item i WHERE o.cell = i.cell AND o.id = i.id AND o.state + 0 = 10
        RETURNING o.cell, o.id, o.version, o.shop_id, o.buyer_id, o.payment_id, i.actor, i.actor_id,
            i.why, i.at
    ), stepped AS (
        INSERT INTO sale_order_step (cell, order_id, version, state, actor, actor_id, why, occurred_at)
        SELECT cell, id, version, 250, actor, actor_id, why, at FROM done
    )
    INSERT INTO outbox (cell, topic, subject_id, payload, occurred_at)
    SELECT cell, 'orders.cancelled', id, jsonb_build_object('order_id', id::text, 'shop_id', shop_id::text,
        'buyer_id', buyer_id::text, 'payment_id', payment_id::text, 'why', why), at
    FROM done;

    PERFORM take_offers(d.offers, d.skus, d.buyers, d.quantities) FROM (
        SELECT array_agg(l.offer_id) AS offers, array_agg(l.sku_id) AS skus,
            array_agg(o.buyer_id) AS buyers, array_agg(-l.offer_quantity) AS quantities
        FROM unnest(o_id, verdicts) i(id, verdict)
        JOIN sale_order_line l ON l.cell = cell_of(i.id) AND l.order_id = i.id
        JOIN sale_order o ON o.cell = l.cell AND o.id = l.order_id
        WHERE i.verdict = 'cancelled' AND l.offer_id IS NOT NULL) d
    WHERE d.offers IS NOT NULL;
    RETURN verdicts;
END
$$;
