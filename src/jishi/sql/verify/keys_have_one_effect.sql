-- One checkout per key is a unique key; here: every order belongs to exactly one checkout that names it.
-- out:    order and checkout
SELECT o.id AS order_id, o.checkout_id FROM sale_order o
LEFT JOIN checkout c ON c.cell = cell_of(o.checkout_id) AND c.id = o.checkout_id AND o.id = ANY (c.order_ids)
    AND c.payment_id = o.payment_id AND c.buyer_id = o.buyer_id
WHERE c.id IS NULL
UNION ALL
SELECT u.id, c.id FROM checkout c CROSS JOIN LATERAL unnest(c.order_ids) u(id)
LEFT JOIN sale_order o ON o.cell = cell_of(u.id) AND o.id = u.id AND o.checkout_id = c.id
WHERE o.id IS NULL
