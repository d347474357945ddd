-- A payment with the news its provider brought and what of it reached which order.
-- in:     $1 smallint cell, $2 bigint payment
-- out:    one row; callbacks and parts as JSON
-- index:  primary keys; callbacks are looked for within the payment's cell
SELECT p.*,
    (SELECT jsonb_agg(to_jsonb(c) ORDER BY c.received_at) FROM (
        SELECT provider, event_id, kind, amount_minor, verdict, received_at FROM payment_callback
        WHERE cell = p.cell AND payment_id = p.id LIMIT 50) c) AS callbacks,
    (SELECT jsonb_agg(jsonb_build_object('order_id', o.id::text, 'amount_minor', o.amount_minor,
        'outcome', t.outcome, 'at', t.taken_at) ORDER BY o.nth)
     FROM unnest(p.order_ids, p.order_amounts) WITH ORDINALITY o(id, amount_minor, nth)
     LEFT JOIN payment_part t ON t.cell = cell_of(o.id) AND t.order_id = o.id AND t.payment_id = p.id
    ) AS parts
FROM payment p WHERE p.cell = $1 AND p.id = $2
