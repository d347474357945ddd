-- The parts of recorded payments, one row per order; a payment for no order has one row without any.
-- in:     $1 bigint[] payment ids
-- out:    payment, order, amount, provider and its reference, paid_at, whether the order has its part already
-- index:  primary keys of payment and payment_part
SELECT p.id AS payment_id, o.order_id, o.amount_minor, p.provider, p.provider_ref, p.paid_at,
    t.order_id IS NOT NULL AS is_taken
FROM unnest($1::bigint[]) asked(id)
JOIN payment p ON p.cell = cell_of(asked.id) AND p.id = asked.id AND p.state = 'paid'
LEFT JOIN LATERAL unnest(p.order_ids, p.order_amounts) o(order_id, amount_minor) ON true
LEFT JOIN payment_part t ON t.cell = cell_of(o.order_id) AND t.order_id = o.order_id
    AND t.payment_id = p.id
