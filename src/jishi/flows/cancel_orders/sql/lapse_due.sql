-- Unpaid orders whose time has run out.
-- in:     $1 timestamptz now, $2 int how many at most
-- out:    ids, locked
-- locks:  sale_order by (expires_at, id), skipping rows someone is changing
-- index:  sale_order_lapsing
SELECT id FROM sale_order WHERE state = 10 AND expires_at <= $1
ORDER BY expires_at, id LIMIT $2 FOR NO KEY UPDATE SKIP LOCKED
