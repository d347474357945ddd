-- How many listed products have the words asked for, counted to 1,001, by root category.
-- in:    $1 text tsquery, $2 int category (NULL: any), $3 bigint least and $4 most price (NULL: any),
--        $5 boolean only what is in stock, $6 int how far to count
-- out:   root category id, its names, how many; the most first
-- index: product_search
WITH hit AS MATERIALIZED (
    SELECT p.category_id FROM product p
    WHERE p.state = 'listed' AND p.search @@ to_tsquery('simple', $1)
        AND ($2::integer IS NULL OR p.category_id IN (
            SELECT c.id FROM category c WHERE c.path @> ARRAY[$2::integer]))
        AND ($3::bigint IS NULL OR p.price_from_minor >= $3)
        AND ($4::bigint IS NULL OR p.price_from_minor <= $4)
        AND (NOT $5::boolean OR EXISTS (
            SELECT FROM sku k JOIN stock s ON s.cell = k.cell AND s.sku_id = k.id
            WHERE k.cell = p.cell AND k.product_id = p.id AND k.on_sale AND s.on_hand > 0))
    LIMIT $6
)
SELECT r.id, r.name_en, r.name_zh, count(*) AS found
FROM hit h
JOIN category c ON c.id = h.category_id
JOIN category r ON r.id = c.path[1]
GROUP BY r.id, r.name_en, r.name_zh
ORDER BY found DESC, r.id
