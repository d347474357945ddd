-- Orders of a shop in one state, newest first: unpaid, shipped, refunded or cancelled.
-- in:     $1 smallint cell, $2 bigint shop, $3 bigint below this id, $4 bigint from this id, $5 int limit,
--         $6 smallint state
-- out:    ids
-- index:  sale_order_by_state; its predicate is repeated so that every plan may use it
SELECT id FROM sale_order
WHERE cell = $1 AND shop_id = $2 AND state = $6 AND state NOT IN (20, 21, 100) AND id < $3 AND id >= $4
ORDER BY id DESC LIMIT $5
