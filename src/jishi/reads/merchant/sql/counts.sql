-- How many orders of a shop stand in each open state, counted to a thousand at most.
-- in:     $1 smallint cell, $2 bigint shop, $3 smallint[] states, $4 timestamptz now, $5 int at most
-- out:    one row per state; state 0 is what is late to ship
-- index:  sale_order_by_shop, sale_order_shipping
SELECT s.state, (SELECT count(*) FROM (SELECT FROM sale_order o
    WHERE o.cell = $1 AND o.shop_id = $2 AND o.state = s.state LIMIT $5) few) AS n
FROM unnest($3::smallint[]) s(state)
UNION ALL
SELECT 0, (SELECT count(*) FROM (SELECT FROM sale_order o WHERE o.cell = $1 AND o.shop_id = $2
    AND o.state IN (20, 21) AND o.ship_by <= $4 LIMIT $5) few)
