-- The parts of recorded payments, one row per order.
-- in:     $1 bigint[] payment ids
-- out:    payment, order, amount, provider, paid_at, whether the order has taken its part already
-- index:  primary keys of payment and payment_part
SELECT p.id AS payment_id, o.order_id, o.amount_minor, p.provider, p.paid_at,
    t.order_id IS NOT NULL AS is_taken
FROM unnest($1::bigint[]) asked(id)
JOIN payment p ON p.cell = cell_of(asked.id) AND p.id = asked.id AND p.state = 'paid'
CROSS JOIN LATERAL unnest(p.order_ids, p.order_amounts) o(order_id, amount_minor)
LEFT JOIN payment_part t ON t.cell = cell_of(o.order_id) AND t.order_id = o.order_id
    AND t.payment_id = p.id
