-- Completed orders of a shop, the last completed first.
-- in:     $1 smallint cell, $2 bigint shop, $3 timestamptz and $4 bigint: when the last order of the page
--         before was completed, and its id, $5 int limit, $6 bigint below this id, $7 bigint from this id
-- out:    ids with the instant of completion
-- index:  sale_order_closed
SELECT id, closed_at FROM sale_order
WHERE cell = $1 AND shop_id = $2 AND state IN (100, 200) AND state = 100
    AND (closed_at, id) < ($3, $4::bigint) AND id < $6 AND id >= $7
ORDER BY closed_at DESC, id DESC LIMIT $5
