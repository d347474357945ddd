-- A shop's listed products, of which the newest 5,000 are looked at, in the order asked for.
-- in:    $1 bigint shop, $2 text tsquery (NULL: all), $3 text order (newest, sold, price, price_down),
--        $4 bigint key and $5 bigint id of the last one seen (NULL: from the start), $6 int how many,
--        $7 int how many goods are looked at
-- out:   id, key
-- index: product_by_shop, search_entry primary key
WITH hit AS MATERIALIZED (
    SELECT p.id, p.price_from_minor, p.sold_count FROM product p
    WHERE p.cell = cell_of($1) AND p.shop_id = $1 AND p.state = 'listed'
        AND ($2::text IS NULL OR EXISTS (SELECT FROM search_entry e
            WHERE e.cell = p.cell AND e.product_id = p.id AND e.words @@ $2::text::tsquery))
    ORDER BY p.id DESC LIMIT $7
), keyed AS (
    SELECT id, CASE $3::text WHEN 'sold' THEN -sold_count WHEN 'price' THEN price_from_minor
        WHEN 'price_down' THEN -price_from_minor ELSE 0 END AS key
    FROM hit
)
SELECT id, key FROM keyed
WHERE $5::bigint IS NULL OR key > $4::bigint OR (key = $4 AND id < $5)
ORDER BY key, id DESC LIMIT $6
