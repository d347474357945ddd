-- Orders of a shop, newest first, whatever their state.
-- in:     $1 smallint cell, $2 bigint shop, $3 bigint below this id, $4 bigint from this id, $5 int limit
-- out:    ids
-- index:  sale_order_by_shop
SELECT id FROM sale_order
WHERE cell = $1 AND shop_id = $2 AND id < $3 AND id >= $4
ORDER BY id DESC LIMIT $5
