-- Orders of a shop that wait to be shipped, by the instant they must leave.
-- in:     $1 smallint cell, $2 bigint shop, $3 smallint[] states out of 20 and 21, $4 timestamptz and $5
--         bigint: deadline and id of the last order of the page before, $6 timestamptz due no later than,
--         $7 int limit, $8 bigint below this id, $9 bigint from this id
-- out:    ids with their deadline
-- index:  sale_order_shipping
SELECT id, ship_by FROM sale_order
WHERE cell = $1 AND shop_id = $2 AND state IN (20, 21) AND state = ANY ($3::smallint[])
    AND (ship_by, id) > ($4, $5::bigint) AND ship_by <= $6 AND id < $8 AND id >= $9
ORDER BY ship_by, id LIMIT $7
