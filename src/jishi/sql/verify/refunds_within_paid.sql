-- Refunds beyond what was paid, or parts, refunds and their lines that do not match.
-- out:    order, payment and the sums
SELECT p.order_id, p.payment_id, p.amount_minor, p.refunded_minor, coalesce(r.asked, 0) AS asked_minor
FROM payment_part p
LEFT JOIN (SELECT cell, order_id, payment_id, sum(amount_minor) AS asked FROM refund
    GROUP BY 1, 2, 3) r USING (cell, order_id, payment_id)
WHERE p.refunded_minor > p.amount_minor OR p.refunded_minor <> coalesce(r.asked, 0)
UNION ALL
SELECT r.order_id, r.payment_id, r.amount_minor, sum(l.amount_minor), sum(l.platform_minor + l.creator_minor)
FROM refund r JOIN refund_line l ON l.cell = r.cell AND l.refund_id = r.id
GROUP BY r.cell, r.id
HAVING r.amount_minor <> sum(l.amount_minor) OR r.platform_minor <> sum(l.platform_minor)
    OR r.creator_minor <> sum(l.creator_minor)
