-- What keeps a shop from being closed or from having its deposit back: orders that are not ended.
-- in:     $1 bigint shop
-- out:    how many, counted to 1,000
-- index:  sale_order_by_shop
SELECT count(*) FROM (
    SELECT FROM sale_order
    WHERE cell = cell_of($1) AND shop_id = $1 AND state NOT IN (100, 200, 250) LIMIT 1000
) few
