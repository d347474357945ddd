-- Give money of paid orders back: a whole order of which nothing has left, or lines of any paid order.
-- in:     p_cell, p_cells; per item the order (each at most once a call is granted), the buyer or shop it
--         must belong to (NULL: not asked), a fresh refund id, the actor's kind and id, why, the instant;
--         o_goods: whole · unshipped (units that have not left go back on the shelf) · returned (units came
--         back and can be sold) · kept (units or money, stock untouched); o_case: the after-sale case.
--         confirm_after: starts the confirming clock of orders that have nothing left to ship.
--         l_*: per line its 1-based item, line number, units (0: money only), the buyer's money (NULL: all
--         that these units cost); unused for whole orders
-- out:    one verdict per item, same order: refunded · unknown · wrong_state · too_much
-- writes: sale_order, sale_order_line, sale_order_step, stock, stock_move, payment_part, refund,
--         refund_line, ledger (through ledger_post), outbox
-- locks:  sale_order by (cell, id), then stock by (cell, sku_id, warehouse_id), then ledger accounts
-- index:  primary keys; guards say "state + 0" so that no partial index tempts the planner
-- rule:   jishi.flows.refund_orders.rules.judge, jishi.modules.orders.rules.refund_parts
CREATE OR REPLACE FUNCTION refund_orders(
    p_cell smallint, p_cells smallint[], o_id bigint[], o_buyer bigint[], o_shop bigint[],
    o_refund bigint[], o_actor text[], o_actor_id bigint[], o_why text[], o_at timestamptz[],
    o_goods text[], o_case bigint[], confirm_after interval,
    l_item integer[], l_line smallint[], l_quantity bigint[], l_amount bigint[]
) RETURNS text[]
LANGUAGE plpgsql
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off
SET enable_bitmapscan = off SET plan_cache_mode = force_generic_plan
AS $$
#variable_conflict use_column
DECLARE
    verdicts text[];
    -- what each line gives back, one entry per line of a granted item
    t_item integer[]; t_line smallint[]; t_quantity bigint[]; t_buyer bigint[]; t_platform bigint[];
    t_creator bigint[];
BEGIN
    PERFORM 1 FROM (SELECT DISTINCT i.id FROM unnest(o_id) i(id)) i
    JOIN sale_order o ON o.cell = cell_of(i.id) AND o.id = i.id
    WHERE true
        AND o.cell = ANY (p_cells)  -- cluster only
    ORDER BY o.cell, o.id FOR NO KEY UPDATE OF o;

    WITH item AS MATERIALIZED (
        SELECT i.at, i.id, i.goods, o.cell, o.state,
            CASE WHEN o.id IS NULL OR o.buyer_id <> i.buyer OR o.shop_id <> i.shop THEN 'unknown'
                 WHEN NOT o.state = ANY (CASE i.goods WHEN 'whole' THEN '{20}' WHEN 'unshipped' THEN '{20,21}'
                     WHEN 'returned' THEN '{21,30,100}' ELSE '{20,21,30,100}' END::smallint[])
                     THEN 'wrong_state' END AS verdict
        FROM unnest(o_id, o_buyer, o_shop, o_goods) WITH ORDINALITY i(id, buyer, shop, goods, at)
        LEFT JOIN sale_order o ON o.cell = cell_of(i.id) AND o.id = i.id
    ), asked AS (
        SELECT a.item, a.line, sum(a.quantity)::bigint AS quantity,
            CASE WHEN count(*) = count(a.amount) THEN sum(a.amount)::bigint END AS amount, count(*) AS times
        FROM unnest(l_item, l_line, l_quantity, l_amount) a(item, line, quantity, amount) GROUP BY 1, 2
        UNION ALL
        SELECT i.at, l.line, l.quantity - l.refunded_quantity, NULL, 1
        FROM item i JOIN sale_order_line l ON l.cell = i.cell AND l.order_id = i.id
        WHERE i.goods = 'whole' AND l.quantity > l.refunded_quantity
    ), bounded AS (  -- what the units asked for cost each payer, at most
        SELECT i.at, a.line, a.quantity, a.amount, a.times, l.line AS found, i.goods,
            l.quantity - l.refunded_quantity AS units_left,
            l.quantity - l.shipped_quantity - l.cancelled_quantity AS to_ship,
            l.shipped_quantity - (l.refunded_quantity - l.cancelled_quantity) AS at_buyer,
            c.buyer_left, c.platform_left, c.creator_left, c.buyer_cap, c.platform_cap, c.creator_cap
        FROM item i JOIN asked a ON a.item = i.at
        LEFT JOIN sale_order_line l ON l.cell = i.cell AND l.order_id = i.id AND l.line = a.line
        LEFT JOIN LATERAL (
            SELECT b.*, k.* FROM (
                SELECT l.amount_minor - l.platform_minor - l.creator_minor - l.refunded_minor AS buyer_left,
                    l.platform_minor - l.refunded_platform_minor AS platform_left,
                    l.creator_minor - l.refunded_creator_minor AS creator_left,
                    nullif(l.quantity - l.refunded_quantity, 0) AS u) b
            CROSS JOIN LATERAL (
                SELECT a.quantity * (b.buyer_left / b.u) + least(a.quantity, b.buyer_left % b.u) AS buyer_cap,
                    a.quantity * (b.platform_left / b.u) + least(a.quantity, b.platform_left % b.u) AS platform_cap,
                    a.quantity * (b.creator_left / b.u) + least(a.quantity, b.creator_left % b.u) AS creator_cap) k
        ) c ON true
        WHERE i.verdict IS NULL
    ), cut AS (
        SELECT b.*,
            CASE WHEN b.found IS NULL OR b.times > 1 OR b.quantity < 0 OR b.amount < 0 THEN false
                 WHEN b.quantity = 0 THEN b.goods = 'kept' AND coalesce(b.amount, 0) > 0 AND b.amount <= b.buyer_left
                     AND (b.to_ship = 0 OR b.amount < b.buyer_left)
                 WHEN b.goods IN ('whole', 'unshipped') THEN b.quantity <= b.to_ship AND b.amount IS NULL
                 ELSE b.quantity <= b.at_buyer AND coalesce(b.amount, 0) <= b.buyer_cap END AS good
        FROM bounded b
    ), taken AS (
        SELECT c.at, c.line, c.quantity, c.good,
            CASE WHEN c.quantity = 0 THEN c.amount ELSE coalesce(c.amount, c.buyer_cap) END AS buyer,
            CASE WHEN c.quantity = 0 THEN c.platform_left * c.amount / nullif(c.buyer_left, 0)
                 WHEN c.amount IS NULL OR c.amount = c.buyer_cap THEN c.platform_cap
                 ELSE c.platform_cap * c.amount / nullif(c.buyer_cap, 0) END AS platform,
            CASE WHEN c.quantity = 0 THEN c.creator_left * c.amount / nullif(c.buyer_left, 0)
                 WHEN c.amount IS NULL OR c.amount = c.buyer_cap THEN c.creator_cap
                 ELSE c.creator_cap * c.amount / nullif(c.buyer_cap, 0) END AS creator
        FROM cut c
    ), alone AS (  -- each item as if it were the only one
        SELECT i.at, i.id, coalesce(i.verdict, CASE WHEN t.all_good AND t.total > 0 THEN 'refunded'
            ELSE 'too_much' END) AS verdict
        FROM item i
        LEFT JOIN (SELECT at, bool_and(good) AS all_good, sum(buyer + platform + creator) AS total
                   FROM taken GROUP BY 1) t ON t.at = i.at
    ), final AS (
        SELECT a.at, CASE WHEN a.verdict = 'refunded' AND row_number() OVER (
            PARTITION BY a.id, a.verdict ORDER BY a.at) > 1 THEN 'wrong_state' ELSE a.verdict END AS verdict
        FROM alone a
    )
    SELECT (SELECT array_agg(f.verdict ORDER BY f.at) FROM final f),
        array_agg(t.at::integer), array_agg(t.line), array_agg(t.quantity), array_agg(t.buyer),
        array_agg(t.platform), array_agg(t.creator)
    INTO verdicts, t_item, t_line, t_quantity, t_buyer, t_platform, t_creator
    FROM taken t JOIN final f ON f.at = t.at AND f.verdict = 'refunded';

    IF NOT 'refunded' = ANY (verdicts) THEN
        RETURN verdicts;
    END IF;

    PERFORM 1 FROM (
        SELECT DISTINCT l.cell, l.sku_id, l.warehouse_id
        FROM unnest(t_item, t_line) t(item, line)
        JOIN sale_order_line l ON l.cell = cell_of(o_id[t.item]) AND l.order_id = o_id[t.item] AND l.line = t.line
        WHERE o_goods[t.item] <> 'kept') l
    JOIN stock s USING (cell, sku_id, warehouse_id)
    ORDER BY s.cell, s.sku_id, s.warehouse_id FOR NO KEY UPDATE OF s;

    -- What a shop holds decides what it owes: its accounts are read under lock, in the ledger's order.
    PERFORM 1 FROM (
        SELECT DISTINCT o.cell, o.shop_id FROM unnest(o_id, verdicts) i(id, verdict)
        JOIN sale_order o ON o.cell = cell_of(i.id) AND o.id = i.id
        WHERE i.verdict = 'refunded' AND o.state + 0 = 100) s
    JOIN ledger_account a ON a.cell = s.cell AND (
        a.party_id = s.shop_id AND a.kind IN ('payable:shop', 'receivable:shop')
        OR a.party_id = 0 AND a.kind IN ('clearing:refund', 'fee', 'subsidy'))
    ORDER BY a.cell, a.kind, a.party_id FOR NO KEY UPDATE OF a;

    PERFORM ledger_post(b.cells, b.kinds, b.orders, b.subjects, b.ats,
        b.transfers, b.accounts, b.parties, b.amounts)
    FROM (
        WITH given AS MATERIALIZED (
            SELECT item, sum(buyer)::bigint AS buyer, sum(platform)::bigint AS platform,
                sum(creator)::bigint AS creator
            FROM unnest(t_item, t_buyer, t_platform, t_creator) t(item, buyer, platform, creator) GROUP BY 1
        ), booked AS MATERIALIZED (
            SELECT row_number() OVER (ORDER BY g.item)::integer AS n, o.cell, o.id, o.shop_id, o.creator_id,
                o_refund[g.item] AS refund, o_at[g.item] AS at, g.buyer, g.platform, g.creator,
                g.buyer + g.platform + g.creator AS total, o.state + 0 = 100 AS settled,
                CASE WHEN o.state + 0 = 100 THEN o.fee_minor - (o.amount_minor - o.refunded_minor
                    - o.refunded_platform_minor - o.refunded_creator_minor
                    - g.buyer - g.platform - g.creator) * o.fee_bp / 10000 ELSE 0 END AS fee_back
            FROM given g JOIN sale_order o ON o.cell = cell_of(o_id[g.item]) AND o.id = o_id[g.item]
        ), owed AS (
            SELECT w.*, least(w.owes, greatest(0, coalesce(a.credit_minor - a.debit_minor, 0) - w.before))
                AS from_payable
            FROM (SELECT k.*, k.total - k.fee_back AS owes,
                      coalesce(sum(k.total - k.fee_back) OVER (PARTITION BY k.cell, k.shop_id ORDER BY k.n
                          ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0)::bigint AS before
                  FROM booked k WHERE k.settled) w
            LEFT JOIN ledger_account a ON a.cell = w.cell AND a.kind = 'payable:shop' AND a.party_id = w.shop_id
        ), posting AS (
            SELECT n, 'escrow' AS account, shop_id AS party, total AS amount FROM booked WHERE NOT settled
            UNION ALL SELECT n, 'payable:shop', shop_id, from_payable FROM owed
            UNION ALL SELECT n, 'receivable:shop', shop_id, owes - from_payable FROM owed
            UNION ALL SELECT n, 'fee', 0, fee_back FROM booked
            UNION ALL SELECT n, 'clearing:refund', 0, -buyer FROM booked
            UNION ALL SELECT n, 'subsidy', 0, -platform FROM booked
            UNION ALL SELECT n, 'receivable:creator', coalesce(creator_id, 0), -creator FROM booked
        )
        SELECT * FROM
            (SELECT array_agg(cell ORDER BY n) AS cells,
                array_agg(CASE WHEN settled THEN 'refund_settled' ELSE 'refund' END ORDER BY n) AS kinds,
                array_agg(id ORDER BY n) AS orders, array_agg(refund ORDER BY n) AS subjects,
                array_agg(at ORDER BY n) AS ats FROM booked) t,
            (SELECT array_agg(n) AS transfers, array_agg(account) AS accounts,
                array_agg(party) AS parties, array_agg(amount) AS amounts
             FROM posting WHERE amount <> 0) p
    ) b;

    WITH item AS MATERIALIZED (
        SELECT i.*, cell_of(i.id) AS cell FROM unnest(o_id, o_refund, o_actor, o_actor_id, o_why, o_at,
            o_goods, o_case, verdicts) WITH ORDINALITY
            i(id, refund, actor, actor_id, why, at, goods, case_id, verdict, nth)
        WHERE i.verdict = 'refunded'
    ), part AS MATERIALIZED (
        SELECT i.cell, i.id, i.refund, i.at, i.goods, t.line, t.quantity, t.buyer, t.platform, t.creator
        FROM unnest(t_item, t_line, t_quantity, t_buyer, t_platform, t_creator)
            t(nth, line, quantity, buyer, platform, creator)
        JOIN item i ON i.nth = t.nth
    ), line AS (
        UPDATE sale_order_line l SET refunded_minor = l.refunded_minor + p.buyer,
            refunded_platform_minor = l.refunded_platform_minor + p.platform,
            refunded_creator_minor = l.refunded_creator_minor + p.creator,
            refunded_quantity = l.refunded_quantity + p.quantity,
            cancelled_quantity = l.cancelled_quantity
                + CASE WHEN p.goods IN ('whole', 'unshipped') THEN p.quantity ELSE 0 END
        FROM part p WHERE l.cell = p.cell AND l.order_id = p.id AND l.line = p.line
        RETURNING l.cell, l.sku_id, l.warehouse_id, l.order_id, l.line, p.quantity, p.goods, p.at,
            l.quantity - l.shipped_quantity - l.cancelled_quantity AS to_ship
    ), counted AS (
        UPDATE stock s SET sold = s.sold - d.quantity, on_hand = s.on_hand + d.quantity
        FROM (SELECT cell, sku_id, warehouse_id, sum(quantity) AS quantity FROM line
              WHERE goods <> 'kept' GROUP BY 1, 2, 3) d
        WHERE s.cell = d.cell AND s.sku_id = d.sku_id AND s.warehouse_id = d.warehouse_id
    ), moved AS (
        INSERT INTO stock_move (cell, sku_id, warehouse_id, kind, quantity, order_id, occurred_at)
        SELECT cell, sku_id, warehouse_id, 'return', quantity, order_id, at FROM line WHERE goods <> 'kept'
    ), kept_lines AS (
        INSERT INTO refund_line (cell, refund_id, order_id, line, quantity, amount_minor, platform_minor,
            creator_minor)
        SELECT cell, refund, id, line, quantity, buyer, platform, creator FROM part
    ), given AS MATERIALIZED (
        SELECT i.*, g.buyer, g.platform, g.creator, o.state, o.shop_id, o.buyer_id,
            o.amount_minor - o.refunded_minor - o.refunded_platform_minor - o.refunded_creator_minor
                - g.buyer - g.platform - g.creator AS remains,
            CASE WHEN o.state + 0 = 100 THEN (o.amount_minor - o.refunded_minor - o.refunded_platform_minor
                - o.refunded_creator_minor - g.buyer - g.platform - g.creator) * o.fee_bp / 10000
                ELSE 0 END AS fee_after, o.fee_minor AS fee_before,
            -- units nobody has sent yet: of the lines just changed and of all others
            (SELECT coalesce(sum(l.quantity - l.shipped_quantity - l.cancelled_quantity), 0)
                 - coalesce((SELECT sum(p.quantity) FROM part p WHERE p.id = i.id
                     AND p.goods IN ('whole', 'unshipped')), 0)
             FROM sale_order_line l WHERE l.cell = i.cell AND l.order_id = i.id) AS to_ship
        FROM item i
        JOIN (SELECT id, sum(buyer)::bigint AS buyer, sum(platform)::bigint AS platform,
                  sum(creator)::bigint AS creator FROM part GROUP BY 1) g ON g.id = i.id
        JOIN sale_order o ON o.cell = i.cell AND o.id = i.id
    ), decided AS MATERIALIZED (
        SELECT g.*, CASE WHEN g.remains = 0 THEN 200 WHEN g.state IN (20, 21) AND g.to_ship = 0 THEN 30
            ELSE g.state END AS next_state FROM given g
    ), parted AS (
        UPDATE payment_part p SET refunded_minor = p.refunded_minor + d.buyer
        FROM decided d WHERE p.cell = d.cell AND p.order_id = d.id AND p.outcome <> 'returned'
        RETURNING p.cell, p.order_id, p.payment_id, p.provider
    ), asked AS (
        INSERT INTO refund (cell, id, order_id, payment_id, provider, amount_minor, platform_minor,
            creator_minor, fee_minor, case_id, state, why, retry_at, asked_at, ended_at)
        SELECT d.cell, d.refund, d.id, p.payment_id, p.provider, d.buyer, d.platform, d.creator,
            CASE WHEN d.state + 0 = 100 THEN d.fee_before - d.fee_after ELSE 0 END, d.case_id,
            -- nothing of the buyer's: no provider has anything to send
            CASE WHEN d.buyer = 0 THEN 'confirmed' ELSE 'asked' END, d.why,
            CASE WHEN d.buyer > 0 THEN d.at END, d.at, CASE WHEN d.buyer = 0 THEN d.at END
        FROM decided d JOIN parted p ON p.cell = d.cell AND p.order_id = d.id
    ), done AS (
        UPDATE sale_order o SET state = d.next_state, refunded_minor = o.refunded_minor + d.buyer,
            refunded_platform_minor = o.refunded_platform_minor + d.platform,
            refunded_creator_minor = o.refunded_creator_minor + d.creator,
            fee_minor = CASE WHEN d.state + 0 = 100 THEN d.fee_after ELSE o.fee_minor END,
            closed_at = CASE WHEN d.next_state = 200 THEN coalesce(o.closed_at, d.at) ELSE o.closed_at END,
            shipped_at = CASE WHEN d.next_state = 30 AND d.state <> 30 THEN d.at ELSE o.shipped_at END,
            confirm_by = CASE WHEN d.next_state = 30 AND d.state <> 30 THEN d.at + confirm_after
                ELSE o.confirm_by END,
            version = o.version + CASE WHEN d.next_state <> d.state THEN 1 ELSE 0 END
        FROM decided d WHERE o.cell = d.cell AND o.id = d.id AND o.state + 0 IN (20, 21, 30, 100)
        RETURNING o.cell, o.id, o.version, o.state, d.state AS state_before, o.shop_id, o.buyer_id, d.buyer,
            d.platform, d.creator, d.refund, d.case_id, d.actor, d.actor_id, d.why, d.at
    ), stepped AS (
        INSERT INTO sale_order_step (cell, order_id, version, state, actor, actor_id, why, occurred_at)
        SELECT cell, id, version, state, actor, actor_id, why, at FROM done WHERE state <> state_before
    )
    INSERT INTO outbox (cell, topic, subject_id, payload, occurred_at)
    SELECT cell, CASE state WHEN 200 THEN 'orders.refunded' ELSE 'orders.part_refunded' END, id,
        jsonb_build_object('order_id', id::text, 'shop_id', shop_id::text, 'buyer_id', buyer_id::text,
            'refund_id', refund::text, 'case_id', case_id::text, 'amount_minor', buyer,
            'platform_minor', platform, 'creator_minor', creator, 'why', why), at
    FROM done;
    RETURN verdicts;
END
$$;
