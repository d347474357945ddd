-- Refund paid orders of which nothing has been shipped: money back in full, goods back on the shelf.
-- in:     p_cell, p_cells; per item the order, the buyer or shop it must belong to (NULL: not asked), a
--         fresh refund id, the actor's kind and id, why, the instant
-- out:    one verdict per item, same order: refunded · unknown · wrong_state
-- writes: sale_order, sale_order_line, sale_order_step, stock, stock_move, payment_part, refund,
--         ledger (through ledger_post), outbox
-- locks:  sale_order by (cell, id), then stock by (cell, sku_id, warehouse_id), then ledger accounts
-- index:  primary keys; guards say "state + 0" so that no partial index tempts the planner
-- rule:   jishi.flows.refund_orders.rules.judge
CREATE OR REPLACE FUNCTION refund_orders(
    p_cell smallint, p_cells smallint[], o_id bigint[], o_buyer bigint[], o_shop bigint[],
    o_refund bigint[], o_actor text[], o_actor_id bigint[], o_why text[], o_at timestamptz[]
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
                 WHEN o.state <> 20 THEN 'wrong_state'
                 ELSE 'refunded' END AS verdict
        FROM unnest(o_id, o_buyer, o_shop) WITH ORDINALITY i(id, buyer, shop, at)
        LEFT JOIN sale_order o ON o.cell = cell_of(i.id) AND o.id = i.id
    )
    SELECT array_agg(CASE WHEN a.verdict = 'refunded' AND a.nth > 1 THEN 'wrong_state'
        ELSE a.verdict END ORDER BY a.at)
    INTO verdicts
    FROM (SELECT *, row_number() OVER (PARTITION BY id, verdict ORDER BY at) AS nth FROM alone) a;

    PERFORM 1 FROM (
        SELECT DISTINCT l.cell, l.sku_id, l.warehouse_id
        FROM unnest(o_id, verdicts) i(id, verdict)
        JOIN sale_order_line l ON l.cell = cell_of(i.id) AND l.order_id = i.id
        WHERE i.verdict = 'refunded') l
    JOIN stock s USING (cell, sku_id, warehouse_id)
    ORDER BY s.cell, s.sku_id, s.warehouse_id FOR NO KEY UPDATE OF s;

    PERFORM ledger_post(b.cells, b.kinds, b.orders, b.subjects, b.ats,
        b.transfers, b.accounts, b.parties, b.amounts)
    FROM (
        WITH booked AS MATERIALIZED (
            SELECT row_number() OVER ()::integer AS n, o.cell, o.id, o.shop_id, i.refund, i.at,
                o.amount_minor - o.refunded_minor AS due
            FROM unnest(o_id, o_refund, o_at, verdicts) i(id, refund, at, verdict)
            JOIN sale_order o ON o.cell = cell_of(i.id) AND o.id = i.id
            WHERE i.verdict = 'refunded'
        ), posting AS (
            SELECT n, 'escrow' AS account, shop_id AS party, due AS amount FROM booked
            UNION ALL SELECT n, 'clearing:refund', 0, -due FROM booked
        )
        SELECT * FROM
            (SELECT array_agg(cell ORDER BY n) AS cells, array_agg('refund'::text) AS kinds,
                array_agg(id ORDER BY n) AS orders, array_agg(refund ORDER BY n) AS subjects,
                array_agg(at ORDER BY n) AS ats FROM booked) t,
            (SELECT array_agg(n) AS transfers, array_agg(account) AS accounts,
                array_agg(party) AS parties, array_agg(amount) AS amounts FROM posting) p
    ) b;

    WITH item AS MATERIALIZED (
        SELECT i.*, cell_of(i.id) AS cell FROM unnest(o_id, o_refund, o_actor, o_actor_id, o_why, o_at,
            verdicts) i(id, refund, actor, actor_id, why, at, verdict)
        WHERE i.verdict = 'refunded'
    ), line AS (
        UPDATE sale_order_line l SET refunded_minor = l.amount_minor
        FROM item i WHERE l.cell = i.cell AND l.order_id = i.id
        RETURNING l.cell, l.sku_id, l.warehouse_id, l.quantity, l.order_id, i.at
    ), counted AS (
        UPDATE stock s SET sold = s.sold - d.quantity, on_hand = s.on_hand + d.quantity
        FROM (SELECT cell, sku_id, warehouse_id, sum(quantity) AS quantity FROM line GROUP BY 1, 2, 3) d
        WHERE s.cell = d.cell AND s.sku_id = d.sku_id AND s.warehouse_id = d.warehouse_id
    ), moved AS (
        INSERT INTO stock_move (cell, sku_id, warehouse_id, kind, quantity, order_id, occurred_at)
        SELECT cell, sku_id, warehouse_id, 'return', quantity, order_id, at FROM line
    ), parted AS (
        UPDATE payment_part p SET refunded_minor = p.amount_minor
        FROM item i WHERE p.cell = i.cell AND p.order_id = i.id AND p.outcome <> 'returned'
        RETURNING p.cell, p.order_id, p.payment_id, p.provider, p.amount_minor
    ), asked AS (
        INSERT INTO refund (cell, id, order_id, payment_id, provider, amount_minor, state, why,
            retry_at, asked_at)
        SELECT i.cell, i.refund, i.id, p.payment_id, p.provider, p.amount_minor, 'asked', i.why, i.at, i.at
        FROM item i JOIN parted p ON p.cell = i.cell AND p.order_id = i.id
    ), done AS (
        UPDATE sale_order o SET state = 200, refunded_minor = o.amount_minor, closed_at = i.at,
            version = o.version + 1
        FROM item i WHERE o.cell = i.cell AND o.id = i.id AND o.state + 0 = 20
        RETURNING o.cell, o.id, o.version, o.shop_id, o.buyer_id, o.amount_minor, i.refund, i.actor,
            i.actor_id, i.why, i.at
    ), stepped AS (
        INSERT INTO sale_order_step (cell, order_id, version, state, actor, actor_id, why, occurred_at)
        SELECT cell, id, version, 200, actor, actor_id, why, at FROM done
    )
    INSERT INTO outbox (cell, topic, subject_id, payload, occurred_at)
    SELECT cell, 'orders.refunded', id, jsonb_build_object('order_id', id::text, 'shop_id', shop_id::text,
        'buyer_id', buyer_id::text, 'refund_id', refund::text, 'amount_minor', amount_minor, 'why', why), at
    FROM done;
    RETURN verdicts;
END
$$;
