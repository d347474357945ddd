-- Paid payments of which an order has not had its part (a minute is allowed to finish one), and
-- paid orders without a payment.
-- out:    what is wrong, payment or order
SELECT 'payment that did not reach its order' AS what, p.id AS subject_id, o.id AS order_id
FROM payment p CROSS JOIN LATERAL unnest(p.order_ids) o(id)
LEFT JOIN payment_part t ON t.cell = cell_of(o.id) AND t.order_id = o.id AND t.payment_id = p.id
WHERE p.state = 'paid' AND t.order_id IS NULL AND p.paid_at < clock_timestamp() - interval '1 minute'
UNION ALL
SELECT 'paid order without a payment', o.id, o.id
FROM sale_order o LEFT JOIN payment_part t ON t.cell = o.cell AND t.order_id = o.id
    AND t.payment_id = o.payment_id AND t.amount_minor = o.amount_minor - o.platform_minor - o.creator_minor
    AND t.outcome IN ('applied', 'late_applied')
WHERE o.state NOT IN (10, 250) AND t.order_id IS NULL
UNION ALL
SELECT 'payment that is not the sum of its orders', p.id, NULL FROM payment p
WHERE p.amount_minor <> (SELECT sum(a) FROM unnest(p.order_amounts) a)
    OR cardinality(p.order_ids) <> cardinality(p.order_amounts)
