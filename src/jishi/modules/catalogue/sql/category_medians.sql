-- The usual price of categories: the median over their newest goods on sale.
-- in:    $1 int[] categories, $2 int how many goods at most, $3 int fewer say nothing
-- out:   id, code, median_minor (NULL: too few goods)
-- index: category primary key, product_by_category
SELECT c.id, c.code, CASE WHEN g.goods >= $3 THEN g.median END AS median_minor
FROM unnest($1::int[]) a (id)
JOIN category c ON c.id = a.id
CROSS JOIN LATERAL (
    SELECT count(*) AS goods,
        percentile_disc(0.5) WITHIN GROUP (ORDER BY p.price_from_minor)::bigint AS median
    FROM (
        SELECT n.price_from_minor FROM product n WHERE n.category_id = c.id AND n.state = 'listed'
        ORDER BY n.id DESC LIMIT $2
    ) p
) g;
