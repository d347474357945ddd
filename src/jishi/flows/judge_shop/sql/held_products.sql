-- Products a case took off sale.
-- in:     $1 bigint shop, $2 bigint case
-- index:  listing_hold_by_shop
SELECT product_id FROM listing_hold
WHERE cell = cell_of($1) AND shop_id = $1 AND reason = 'penalty' AND subject_id = $2
ORDER BY product_id LIMIT 100
