-- How many of a buyer's newest orders stand where; over all cells.
-- in:    $1 bigint buyer, $2 int how many orders are looked at
-- out:   state number, orders
-- index: sale_order_by_buyer
SELECT state, count(*)::integer AS orders
FROM (SELECT state FROM sale_order WHERE buyer_id = $1 ORDER BY id DESC LIMIT $2) newest
WHERE state IN (10, 20, 21, 30)
GROUP BY state;
