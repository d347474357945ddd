-- Listed products below a category, most sold first.
-- in:    $1 int category, $2 bigint key and $3 bigint id of the last one seen (NULL: from the start),
--        $4 int how many, $5 bigint least and $6 most price (NULL: any), $7 boolean only what is in stock
-- out:   id, key
-- index: category_below, product_by_category_sold (one probe per category below)
SELECT p.id, p.key
FROM category c
CROSS JOIN LATERAL (
    SELECT p.id, -p.sold_count AS key FROM product p
    WHERE p.category_id = c.id AND p.state = 'listed'
        AND ($3::bigint IS NULL OR p.sold_count <= -$2::bigint AND (p.sold_count < -$2 OR p.id < $3))
        AND ($5::bigint IS NULL OR p.price_from_minor >= $5)
        AND ($6::bigint IS NULL OR p.price_from_minor <= $6)
        AND (NOT $7::boolean OR EXISTS (
            SELECT FROM sku k JOIN stock s ON s.cell = k.cell AND s.sku_id = k.id
            WHERE k.cell = p.cell AND k.product_id = p.id AND k.on_sale AND s.on_hand > 0))
    ORDER BY p.sold_count DESC, p.id DESC LIMIT $4
) p
WHERE c.path @> ARRAY[$1::integer]
ORDER BY p.key, p.id DESC LIMIT $4
