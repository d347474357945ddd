-- Listed products that have the words asked for: the newest 5,000 that match, in the order asked for.
-- in:    $1 text tsquery, $2 int category (NULL: any), $3 bigint least and $4 most price (NULL: any),
--        $5 boolean only what is in stock, $6 text order (relevance, newest, sold, price, price_down),
--        $7 bigint key and $8 bigint id of the last one seen (NULL: from the start), $9 int how many,
--        $10 int how many matches are looked at
-- out:   id, key
-- index: product_search, or product_newest for words that very many have
WITH hit AS MATERIALIZED (
    SELECT p.id, p.price_from_minor, p.sold_count, p.search FROM product p
    WHERE p.state = 'listed' AND p.search @@ to_tsquery('simple', $1)
        AND ($2::integer IS NULL OR p.category_id IN (
            SELECT c.id FROM category c WHERE c.path @> ARRAY[$2::integer]))
        AND ($3::bigint IS NULL OR p.price_from_minor >= $3)
        AND ($4::bigint IS NULL OR p.price_from_minor <= $4)
        AND (NOT $5::boolean OR EXISTS (
            SELECT FROM sku k JOIN stock s ON s.cell = k.cell AND s.sku_id = k.id
            WHERE k.cell = p.cell AND k.product_id = p.id AND k.on_sale AND s.on_hand > 0))
    ORDER BY p.id DESC LIMIT $10
), keyed AS (
    SELECT id, CASE $6::text
        WHEN 'newest' THEN 0
        WHEN 'sold' THEN -sold_count
        WHEN 'price' THEN price_from_minor
        WHEN 'price_down' THEN -price_from_minor
        -- words of the title count most (weight A); between equals what sold more comes first
        ELSE -(ts_rank(search, to_tsquery('simple', $1)) * 100000)::bigint * 1000
            - least(999, (ln(1 + sold_count) * 60)::bigint)
        END AS key
    FROM hit
)
SELECT id, key FROM keyed
WHERE $8::bigint IS NULL OR key > $7::bigint OR (key = $7 AND id < $8)
ORDER BY key, id DESC LIMIT $9
