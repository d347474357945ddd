-- A shop's newest orders.
-- in:     $1 smallint cell, $2 bigint shop, $3 int limit
-- out:    orders
-- index:  sale_order_by_shop
SELECT id, state, amount_minor, placed_at FROM sale_order
WHERE cell = $1 AND shop_id = $2 ORDER BY id DESC LIMIT $3
