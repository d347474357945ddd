-- How many orders of a shop stand in each open state, counted to a thousand at most.
-- in:     $1 smallint cell, $2 bigint shop, $3 timestamptz now, $4 int at most
-- out:    one row per state; state 0 is what is late to ship
-- index:  sale_order_by_state, sale_order_shipping
SELECT 10 AS state, (SELECT count(*) FROM (SELECT FROM sale_order
    WHERE cell = $1 AND shop_id = $2 AND state = 10 LIMIT $4) few) AS n
UNION ALL
SELECT 20, (SELECT count(*) FROM (SELECT FROM sale_order
    WHERE cell = $1 AND shop_id = $2 AND state = 20 LIMIT $4) few)
UNION ALL
SELECT 21, (SELECT count(*) FROM (SELECT FROM sale_order
    WHERE cell = $1 AND shop_id = $2 AND state = 21 LIMIT $4) few)
UNION ALL
SELECT 30, (SELECT count(*) FROM (SELECT FROM sale_order
    WHERE cell = $1 AND shop_id = $2 AND state = 30 LIMIT $4) few)
UNION ALL
SELECT 0, (SELECT count(*) FROM (SELECT FROM sale_order
    WHERE cell = $1 AND shop_id = $2 AND state IN (20, 21) AND ship_by <= $3 LIMIT $4) few)
