-- Paid payments of which an order, or the deposit it is for, has not had its part (a minute is allowed to
-- finish one), and paid orders without a payment.
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
WHERE (p.amount_minor <> (SELECT sum(a) FROM unnest(p.order_amounts) a) AND cardinality(p.order_ids) > 0)
    OR cardinality(p.order_ids) <> cardinality(p.order_amounts)
UNION ALL
SELECT 'payment for nothing', p.id, NULL FROM payment p
LEFT JOIN deposit_payment d ON d.cell = p.cell AND d.payment_id = p.id AND d.amount_minor = p.amount_minor
    AND d.provider = p.provider
WHERE cardinality(p.order_ids) = 0 AND d.payment_id IS NULL
UNION ALL
SELECT 'payment that did not reach its deposit', d.payment_id, NULL FROM deposit_payment d
JOIN payment p ON p.cell = d.cell AND p.id = d.payment_id
LEFT JOIN deposit_move m ON m.cell = d.cell AND m.shop_id = d.shop_id AND m.kind = 'provider'
    AND m.subject_id = d.payment_id AND m.amount_minor = d.amount_minor
WHERE (d.taken_at IS NOT NULL) <> (m.id IS NOT NULL) OR (m.id IS NOT NULL AND p.state <> 'paid')
    OR (p.state = 'paid' AND m.id IS NULL AND p.paid_at < clock_timestamp() - interval '1 minute')
