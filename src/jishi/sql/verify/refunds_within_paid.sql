-- Refunds beyond what was paid, or parts and refunds that do not match.
-- out:    order, payment and the sums
SELECT p.order_id, p.payment_id, p.amount_minor, p.refunded_minor, coalesce(r.asked, 0) AS asked_minor
FROM payment_part p
LEFT JOIN (SELECT cell, order_id, payment_id, sum(amount_minor) AS asked FROM refund
    GROUP BY 1, 2, 3) r USING (cell, order_id, payment_id)
WHERE p.refunded_minor > p.amount_minor OR p.refunded_minor <> coalesce(r.asked, 0)
