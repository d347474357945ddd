-- Let recorded payments reach their orders: pay, revive a lapsed order, or send the money back.
-- in:     p_cell, p_cells as in place_orders; per item the order, its payment, the buyer's part minor, provider,
--         a fresh refund id (used only when money goes back), the instant; clock_from: where the
--         shipping clock starts (NULL: the payment)
-- out:    one verdict per item, same order: paid · late_paid · returned · repeat · unknown · wrong_amount
-- writes: sale_order, sale_order_step, stock, stock_hold, stock_move, payment_part, refund,
--         ledger (through ledger_post), outbox
-- locks:  sale_order by (cell, id), then stock by (cell, sku_id, warehouse_id), then offer_stock, then
--         ledger accounts
-- index:  primary keys; guards say "state + 0" so that no partial index tempts the planner
-- rule:   jishi.flows.take_payment.rules.judge
CREATE OR REPLACE FUNCTION pay_orders(
    p_cell smallint, p_cells smallint[], o_id bigint[], o_payment bigint[], o_amount bigint[],
    o_provider text[], o_refund bigint[], o_at timestamptz[],
    clock_from timestamptz DEFAULT NULL
) RETURNS text[]
LANGUAGE plpgsql
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off
SET enable_bitmapscan = off SET plan_cache_mode = force_generic_plan
AS $$
#variable_conflict use_column
DECLARE
    verdicts text[];
    late record;
BEGIN
    PERFORM 1 FROM (SELECT DISTINCT i.id FROM unnest(o_id) i(id)) i
    JOIN sale_order o ON o.cell = cell_of(i.id) AND o.id = i.id
    WHERE true
        AND o.cell = ANY (p_cells)  -- cluster only
    ORDER BY o.cell, o.id FOR NO KEY UPDATE OF o;

    WITH alone AS (  -- each item as if it were the only one
        SELECT i.id, i.payment, i.at,
            CASE WHEN o.id IS NULL THEN 'unknown'
                 WHEN p.order_id IS NOT NULL THEN 'repeat'
                 WHEN o.amount_minor - o.platform_minor - o.creator_minor <> i.amount OR o.payment_id <> i.payment THEN 'wrong_amount'
                 WHEN o.state = 10 THEN 'paid'
                 WHEN o.state = 250 AND (
                     SELECT s.why = 'lapsed' FROM sale_order_step s
                     WHERE s.cell = o.cell AND s.order_id = o.id AND s.version = o.version) THEN 'late_paid'
                 ELSE 'returned' END AS verdict
        FROM unnest(o_id, o_payment, o_amount) WITH ORDINALITY i(id, payment, amount, at)
        LEFT JOIN sale_order o ON o.cell = cell_of(i.id) AND o.id = i.id
        LEFT JOIN payment_part p ON p.cell = cell_of(i.id) AND p.order_id = i.id AND p.payment_id = i.payment
    )
    SELECT array_agg(CASE WHEN a.taken_before THEN 'repeat' ELSE a.verdict END ORDER BY a.at)
    INTO verdicts
    FROM (SELECT *, count(*) FILTER (WHERE verdict IN ('paid', 'late_paid', 'returned')) OVER (
              PARTITION BY id, payment ORDER BY at
              ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) > 0 AS taken_before FROM alone) a;

    -- A late payment takes free stock again, in the order the payments came in; rare, so one by one.
    IF 'late_paid' = ANY (verdicts) THEN
        PERFORM 1 FROM (
            SELECT DISTINCT l.cell, l.sku_id, l.warehouse_id
            FROM unnest(o_id, verdicts) i(id, verdict)
            JOIN sale_order_line l ON l.cell = cell_of(i.id) AND l.order_id = i.id
            WHERE i.verdict IN ('paid', 'late_paid')) l
        JOIN stock s USING (cell, sku_id, warehouse_id)
        ORDER BY s.cell, s.sku_id, s.warehouse_id FOR NO KEY UPDATE OF s;
        PERFORM 1 FROM (
            SELECT DISTINCT l.cell, l.offer_id, l.sku_id FROM unnest(o_id, verdicts) i(id, verdict)
            JOIN sale_order_line l ON l.cell = cell_of(i.id) AND l.order_id = i.id
            WHERE i.verdict = 'late_paid' AND l.offer_id IS NOT NULL) l
        JOIN offer_stock s USING (cell, offer_id, sku_id)
        ORDER BY s.cell, s.offer_id, s.sku_id FOR NO KEY UPDATE OF s;
        FOR late IN SELECT i.* FROM unnest(o_id, verdicts, o_at) WITH ORDINALITY i(id, verdict, paid_at, at)
            WHERE i.verdict = 'late_paid' ORDER BY i.at
        LOOP
            IF EXISTS (
                SELECT FROM (SELECT cell, sku_id, warehouse_id, sum(quantity) AS quantity
                             FROM sale_order_line WHERE cell = cell_of(late.id) AND order_id = late.id
                             GROUP BY 1, 2, 3) l
                JOIN stock s USING (cell, sku_id, warehouse_id) WHERE s.on_hand < l.quantity
            ) OR EXISTS (  -- nor beyond what its timed offer may sell
                SELECT FROM sale_order_line l JOIN offer_stock s ON s.cell = l.cell
                    AND s.offer_id = l.offer_id AND s.sku_id = l.sku_id
                WHERE l.cell = cell_of(late.id) AND l.order_id = late.id
                    AND s.quota - s.taken < l.offer_quantity
            ) THEN
                verdicts[late.at] := 'returned';
            ELSE
                WITH line AS (
                    SELECT * FROM sale_order_line WHERE cell = cell_of(late.id) AND order_id = late.id
                ), taken AS (
                    UPDATE stock s SET on_hand = s.on_hand - d.quantity, held = s.held + d.quantity
                    FROM (SELECT cell, sku_id, warehouse_id, sum(quantity) AS quantity
                          FROM line GROUP BY 1, 2, 3) d
                    WHERE s.cell = d.cell AND s.sku_id = d.sku_id AND s.warehouse_id = d.warehouse_id
                ), held AS (
                    INSERT INTO stock_hold (cell, order_id, line, sku_id, warehouse_id, quantity, expires_at)
                    SELECT cell, order_id, line, sku_id, warehouse_id, quantity, late.paid_at FROM line
                )
                INSERT INTO stock_move (cell, sku_id, warehouse_id, kind, quantity, order_id, occurred_at)
                SELECT cell, sku_id, warehouse_id, 'hold', quantity, order_id, late.paid_at FROM line;
                PERFORM take_offers(d.offers, d.skus, d.buyers, d.quantities) FROM (
                    SELECT array_agg(l.offer_id) AS offers, array_agg(l.sku_id) AS skus,
                        array_agg(o.buyer_id) AS buyers, array_agg(l.offer_quantity) AS quantities
                    FROM sale_order_line l JOIN sale_order o ON o.cell = l.cell AND o.id = l.order_id
                    WHERE l.cell = cell_of(late.id) AND l.order_id = late.id
                        AND l.offer_id IS NOT NULL) d
                WHERE d.offers IS NOT NULL;
            END IF;
        END LOOP;
    END IF;

    WITH item AS MATERIALIZED (
        SELECT i.*, cell_of(i.id) AS cell FROM unnest(o_id, o_payment, o_amount, o_provider, o_refund,
            o_at, verdicts) i(id, payment, amount, provider, refund, at, verdict)
    ), taken AS MATERIALIZED (
        SELECT * FROM item WHERE verdict IN ('paid', 'late_paid')
    ), sold AS (
        DELETE FROM stock_hold h USING taken t WHERE h.cell = t.cell AND h.order_id = t.id
        RETURNING h.cell, h.sku_id, h.warehouse_id, h.quantity, h.order_id, t.at
    ), counted AS (
        UPDATE stock s SET held = s.held - d.quantity, sold = s.sold + d.quantity
        FROM (SELECT * FROM (SELECT cell, sku_id, warehouse_id, sum(quantity) AS quantity
              FROM sold GROUP BY 1, 2, 3) g ORDER BY 1, 2, 3) d
        WHERE s.cell = d.cell AND s.sku_id = d.sku_id AND s.warehouse_id = d.warehouse_id
    ), moved AS (
        INSERT INTO stock_move (cell, sku_id, warehouse_id, kind, quantity, order_id, occurred_at)
        SELECT cell, sku_id, warehouse_id, 'sell', quantity, order_id, at FROM sold
    ), paid AS (
        UPDATE sale_order o SET state = 20, paid_at = t.at, closed_at = NULL, version = o.version + 1,
            ship_by = coalesce(clock_from, t.at) + make_interval(hours => h.ship_within_hours)
        FROM taken t JOIN shop h ON h.cell = t.cell AND h.id = (
            SELECT shop_id FROM sale_order x WHERE x.cell = t.cell AND x.id = t.id)
        WHERE o.cell = t.cell AND o.id = t.id AND o.state + 0 IN (10, 250)
        RETURNING o.cell, o.id, o.version, o.shop_id, o.buyer_id, t.at, t.verdict, t.amount, t.payment
    ), stepped AS (
        INSERT INTO sale_order_step (cell, order_id, version, state, actor, why, occurred_at)
        SELECT cell, id, version, 20, 'provider', verdict, at FROM paid
    ), parted AS (
        INSERT INTO payment_part (cell, order_id, payment_id, provider, amount_minor, refunded_minor,
            outcome, taken_at)
        SELECT cell, id, payment, provider, amount,
            CASE verdict WHEN 'returned' THEN amount ELSE 0 END,
            CASE verdict WHEN 'paid' THEN 'applied' WHEN 'late_paid' THEN 'late_applied'
                ELSE 'returned' END, at
        FROM item WHERE verdict IN ('paid', 'late_paid', 'returned')
    ), sent_back AS (
        INSERT INTO refund (cell, id, order_id, payment_id, provider, amount_minor, state, why,
            retry_at, asked_at)
        SELECT cell, refund, id, payment, provider, amount, 'asked', 'late_payment', at, at
        FROM item WHERE verdict = 'returned'
    )
    INSERT INTO outbox (cell, topic, subject_id, payload, occurred_at)
    SELECT cell, 'orders.paid', id, jsonb_build_object('order_id', id::text, 'shop_id', shop_id::text,
        'buyer_id', buyer_id::text, 'amount_minor', amount, 'late', verdict = 'late_paid'), at
    FROM paid
    UNION ALL
    SELECT i.cell, 'orders.payment_returned', i.id, jsonb_build_object('order_id', i.id::text,
        'buyer_id', o.buyer_id::text, 'shop_id', o.shop_id::text, 'refund_id', i.refund::text,
        'amount_minor', i.amount), i.at
    FROM item i JOIN sale_order o ON o.cell = i.cell AND o.id = i.id WHERE i.verdict = 'returned';

    PERFORM ledger_post(b.cells, b.kinds, b.orders, b.subjects, b.ats,
        b.transfers, b.accounts, b.parties, b.amounts)
    FROM (
        WITH booked AS MATERIALIZED (
            SELECT row_number() OVER ()::integer AS n, cell_of(i.id) AS cell, i.*, o.shop_id,
                o.platform_minor AS platform, o.creator_minor AS creator, o.creator_id,
                CASE i.verdict WHEN 'paid' THEN 'pay' WHEN 'late_paid' THEN 'late_pay'
                    ELSE 'late_return' END AS kind
            FROM unnest(o_id, o_payment, o_amount, o_provider, o_at, verdicts)
                i(id, payment, amount, provider, at, verdict)
            JOIN sale_order o ON o.cell = cell_of(i.id) AND o.id = i.id
            WHERE i.verdict IN ('paid', 'late_paid', 'returned')
        ), posting AS (
            SELECT n, 'gateway:' || provider AS account, 0::bigint AS party, amount FROM booked
            UNION ALL
            SELECT n, CASE verdict WHEN 'returned' THEN 'clearing:refund' ELSE 'escrow' END,
                CASE verdict WHEN 'returned' THEN 0 ELSE shop_id END,
                CASE verdict WHEN 'returned' THEN -amount ELSE -amount - platform - creator END FROM booked
            UNION ALL SELECT n, 'subsidy', 0, platform FROM booked
            WHERE platform > 0 AND verdict <> 'returned'
            UNION ALL SELECT n, 'receivable:creator', creator_id, creator FROM booked
            WHERE creator > 0 AND verdict <> 'returned'
        )
        SELECT * FROM
            (SELECT array_agg(cell ORDER BY n) AS cells, array_agg(kind ORDER BY n) AS kinds,
                array_agg(id ORDER BY n) AS orders, array_agg(payment ORDER BY n) AS subjects,
                array_agg(at ORDER BY n) AS ats FROM booked) t,
            (SELECT array_agg(n) AS transfers, array_agg(account) AS accounts,
                array_agg(party) AS parties, array_agg(amount) AS amounts FROM posting) p
    ) b;
    RETURN verdicts;
END
$$;
