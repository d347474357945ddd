-- The orders that were paid last in the whole market.
-- in:     $1 int how many transfers of each cell to look through
-- out:    order ids, newest payment first
-- index:  ledger_transfer primary key, once per cell
SELECT t.order_id, max(t.occurred_at) AS at
FROM generate_series(0, 255) c(cell)
CROSS JOIN LATERAL (
    SELECT order_id, kind, occurred_at FROM ledger_transfer
    WHERE cell = c.cell::smallint ORDER BY id DESC LIMIT $1
) t
WHERE t.kind IN ('pay', 'late_pay')
GROUP BY t.order_id ORDER BY at DESC, t.order_id DESC LIMIT 20
