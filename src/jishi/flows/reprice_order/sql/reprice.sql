-- Lower an unpaid order: its lines, why, its payment and checkout, a step, an event.
-- in:     $1 bigint order, $2 bigint payment, $3 timestamptz now, $4 bigint who, $5 text why, $6 bigint how
--         much less in all; per line $7 smallint[] lines, $8 bigint[] less on goods, $9 bigint[] on freight
-- out:    1 when done
-- writes: sale_order, sale_order_line, sale_order_offer, sale_order_step, payment, checkout, outbox
-- locks:  the caller holds payment and sale_order
-- index:  primary keys
WITH off AS MATERIALIZED (
    SELECT * FROM unnest($7::smallint[], $8::bigint[], $9::bigint[]) o(line, goods, freight)
), lined AS (
    UPDATE sale_order_line l SET discount_minor = l.discount_minor + o.goods,
        freight_minor = l.freight_minor - o.freight, amount_minor = l.amount_minor - o.goods - o.freight
    FROM off o WHERE l.cell = cell_of($1) AND l.order_id = $1 AND l.line = o.line
), told AS (
    INSERT INTO sale_order_offer (cell, order_id, line, position, offer_id, kind, payer, amount_minor, title)
    SELECT cell_of($1), $1, o.line, r.nth + coalesce((SELECT max(f.position) FROM sale_order_offer f
        WHERE f.cell = cell_of($1) AND f.order_id = $1 AND f.line = o.line), 0), 0, r.kind, 'shop', r.amount, $5
    FROM off o
    CROSS JOIN LATERAL (VALUES (1, 'agreed', o.goods), (2, 'agreed_freight', o.freight)) r(nth, kind, amount)
    WHERE r.amount > 0
), done AS (
    UPDATE sale_order s SET discount_minor = s.discount_minor + t.goods, freight_minor = s.freight_minor - t.freight,
        amount_minor = s.amount_minor - t.goods - t.freight, version = s.version + 1
    FROM (SELECT sum(goods)::bigint AS goods, sum(freight)::bigint AS freight FROM off) t
    WHERE s.cell = cell_of($1) AND s.id = $1 AND s.state + 0 = 10
    RETURNING s.*
), stepped AS (
    INSERT INTO sale_order_step (cell, order_id, version, state, actor, actor_id, why, occurred_at)
    SELECT cell, id, version, 10, 'shop', $4, 'repriced', $3 FROM done
), paying AS (
    UPDATE payment p SET amount_minor = p.amount_minor - $6, order_amounts = ARRAY(
        SELECT a.amount - CASE WHEN a.id = $1 THEN $6 ELSE 0 END
        FROM unnest(p.order_ids, p.order_amounts) WITH ORDINALITY a(id, amount, at) ORDER BY a.at)
    FROM done WHERE p.cell = cell_of($2) AND p.id = $2 AND p.state = 'open' AND p.asked_at IS NULL
    RETURNING p.checkout_id
), checked AS (
    UPDATE checkout c SET amount_minor = c.amount_minor - $6 FROM paying p
    WHERE c.cell = cell_of(p.checkout_id) AND c.id = p.checkout_id
), announced AS (
    INSERT INTO outbox (cell, topic, subject_id, payload, occurred_at)
    SELECT cell, 'orders.repriced', id, jsonb_build_object('order_id', id::text, 'shop_id', shop_id::text,
        'buyer_id', buyer_id::text, 'amount_minor', amount_minor - platform_minor - creator_minor,
        'off_minor', $6::bigint, 'why', $5::text), $3
    FROM done
)
SELECT count(*) FROM done, paying
