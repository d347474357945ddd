-- Shipped orders the clock confirms now, in id order so that batches lock alike.
-- in:     $1 timestamptz now, $2 int how many at most
-- out:    ids, locked
-- locks:  sale_order by (confirm_by, id), skipping rows someone is changing
-- index:  sale_order_confirming
SELECT id FROM sale_order WHERE state = 30 AND confirm_by <= $1
ORDER BY confirm_by, id LIMIT $2 FOR NO KEY UPDATE SKIP LOCKED
