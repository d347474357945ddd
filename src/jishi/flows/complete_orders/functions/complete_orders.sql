-- Complete orders: the goods are accepted, escrow is settled to the shop less the market's fee.
-- in:     p_cell, p_cells; per item the order, the buyer it must belong to (NULL: the clock or an
--         import acts), the actor's kind, why, the instant
-- out:    one verdict per item, same order: completed · unknown · wrong_state · repeat
-- writes: sale_order, sale_order_step, ledger (through ledger_post), outbox
-- locks:  sale_order by (cell, id), then ledger accounts
-- index:  primary keys; guards say "state + 0" so that no partial index tempts the planner
-- rule:   jishi.flows.complete_orders.rules.settle
CREATE OR REPLACE FUNCTION complete_orders(
    p_cell smallint, p_cells smallint[], o_id bigint[], o_buyer bigint[], o_actor text[],
    o_why text[], o_at timestamptz[]
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
            CASE WHEN o.id IS NULL OR o.buyer_id <> i.buyer THEN 'unknown'
                 WHEN o.state = 100 THEN 'repeat'
                 WHEN o.state <> 30 THEN 'wrong_state'
                 ELSE 'completed' END AS verdict
        FROM unnest(o_id, o_buyer) WITH ORDINALITY i(id, buyer, at)
        LEFT JOIN sale_order o ON o.cell = cell_of(i.id) AND o.id = i.id
    )
    SELECT array_agg(CASE WHEN a.verdict = 'completed' AND a.nth > 1 THEN 'repeat'
        ELSE a.verdict END ORDER BY a.at)
    INTO verdicts
    FROM (SELECT *, row_number() OVER (PARTITION BY id, verdict ORDER BY at) AS nth FROM alone) a;

    WITH item AS MATERIALIZED (
        SELECT i.*, cell_of(i.id) AS cell
        FROM unnest(o_id, o_buyer, o_actor, o_why, o_at, verdicts) i(id, buyer, actor, why, at, verdict)
        WHERE i.verdict = 'completed'
    ), done AS (
        UPDATE sale_order o SET state = 100, closed_at = i.at, version = o.version + 1,
            fee_minor = (o.amount_minor - o.refunded_minor - o.refunded_platform_minor
                - o.refunded_creator_minor) * o.fee_bp / 10000
        FROM item i WHERE o.cell = i.cell AND o.id = i.id AND o.state + 0 = 30
        RETURNING o.cell, o.id, o.version, o.shop_id, o.buyer_id, o.fee_minor,
            o.amount_minor - o.refunded_minor - o.refunded_platform_minor - o.refunded_creator_minor
                AS settled_minor, i.actor, i.buyer, i.why, i.at
    ), stepped AS (
        INSERT INTO sale_order_step (cell, order_id, version, state, actor, actor_id, why, occurred_at)
        SELECT cell, id, version, 100, actor, buyer, why, at FROM done
    )
    INSERT INTO outbox (cell, topic, subject_id, payload, occurred_at)
    SELECT cell, 'orders.completed', id, jsonb_build_object('order_id', id::text,
        'shop_id', shop_id::text, 'buyer_id', buyer_id::text, 'settled_minor', settled_minor,
        'fee_minor', fee_minor), at
    FROM done;

    PERFORM ledger_post(b.cells, b.kinds, b.orders, b.orders, b.ats,
        b.transfers, b.accounts, b.parties, b.amounts)
    FROM (
        WITH booked AS MATERIALIZED (
            SELECT row_number() OVER ()::integer AS n, o.cell, o.id, o.shop_id, i.at, o.fee_minor,
                o.amount_minor - o.refunded_minor - o.refunded_platform_minor
                    - o.refunded_creator_minor AS settled
            FROM unnest(o_id, o_at, verdicts) i(id, at, verdict)
            JOIN sale_order o ON o.cell = cell_of(i.id) AND o.id = i.id
            WHERE i.verdict = 'completed'
        ), posting AS (
            SELECT n, 'escrow' AS account, shop_id AS party, settled AS amount FROM booked
            UNION ALL SELECT n, 'payable:shop', shop_id, fee_minor - settled FROM booked
            UNION ALL SELECT n, 'fee', 0, -fee_minor FROM booked
        )
        SELECT * FROM
            (SELECT array_agg(cell ORDER BY n) AS cells, array_agg('complete'::text) AS kinds,
                array_agg(id ORDER BY n) AS orders, array_agg(at ORDER BY n) AS ats FROM booked) t,
            (SELECT array_agg(n) AS transfers, array_agg(account) AS accounts,
                array_agg(party) AS parties, array_agg(amount) AS amounts FROM posting) p
    ) b;
    RETURN verdicts;
END
$$;
