-- Completed orders of a shop, the last completed first.
-- in:     $1 smallint cell, $2 bigint shop, $3 timestamptz and $4 bigint: when the last order of the page
--         before was completed, and its id, $5 int limit, $6 timestamptz placed before, $7 placed since
-- out:    ids with the instant of completion
-- index:  sale_order_closed; an order is completed after it is placed
SELECT id, closed_at FROM sale_order
WHERE cell = $1 AND shop_id = $2 AND state IN (100, 200) AND state = 100
    AND (closed_at, id) < ($3, $4::bigint) AND closed_at >= $7 AND placed_at < $6 AND placed_at >= $7
ORDER BY closed_at DESC, id DESC LIMIT $5
