-- The orders that were paid last in the whole market.
-- in:     $1 int how many transfers to look through
-- out:    order ids, newest payment first
-- index:  ledger_transfer_by_time
SELECT order_id, max(occurred_at) AS at FROM (
    SELECT order_id, kind, occurred_at FROM ledger_transfer ORDER BY occurred_at DESC, id DESC LIMIT $1
) newest
WHERE kind IN ('pay', 'late_pay') GROUP BY order_id ORDER BY at DESC, order_id DESC LIMIT 20
