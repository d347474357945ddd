-- Money that came a second time has its two partners: the provider it was left at names the payment it stands
-- under, and that payment names the one it came for; all of it goes back, and pays no order.
-- out:    what is wrong, the payment it came for or stands under
SELECT 'double without its payment' AS what, a.payment_id, a.double_id
FROM payment_ask a LEFT JOIN payment d ON d.cell = a.cell AND d.id = a.double_id AND d.double_of = a.payment_id
    AND d.provider = a.provider AND d.state = 'paid'
WHERE a.double_id IS NOT NULL AND d.id IS NULL
UNION ALL
SELECT 'double that nobody paid', d.double_of, d.id
FROM payment d LEFT JOIN payment_ask a ON a.cell = d.cell AND a.payment_id = d.double_of AND a.double_id = d.id
WHERE d.double_of IS NOT NULL AND a.payment_id IS NULL
UNION ALL
SELECT 'double of other money', d.double_of, d.id
FROM payment d LEFT JOIN payment p ON p.cell = d.cell AND p.id = d.double_of AND p.state = 'paid'
    AND p.amount_minor = d.amount_minor AND p.provider <> d.provider
WHERE d.double_of IS NOT NULL AND p.id IS NULL
UNION ALL
SELECT 'double that does not go back', d.double_of, d.id
FROM payment d LEFT JOIN (
    SELECT t.payment_id, sum(t.amount_minor) AS returned, sum(r.amount_minor) AS refunded
    FROM payment_part t
    LEFT JOIN refund r ON r.cell = t.cell AND r.order_id = t.order_id AND r.payment_id = t.payment_id
    WHERE t.outcome = 'returned' GROUP BY 1
) t ON t.payment_id = d.id
WHERE d.double_of IS NOT NULL
    AND (t.returned IS DISTINCT FROM d.amount_minor OR t.refunded IS DISTINCT FROM d.amount_minor)
