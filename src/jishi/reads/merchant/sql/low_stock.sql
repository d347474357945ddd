-- SKUs on sale of which few pieces are left, fewest first.
-- in:     $1 smallint cell, $2 bigint shop, $3 bigint pieces at most, $4 int how many
-- out:    SKUs with what is left in all warehouses; total: how many there are in all
-- index:  stock_by_shop, primary keys of sku and product
SELECT low.on_hand, low.total, k.product_id, k.options, p.title, p.pictures -> 0 AS picture
FROM (
    SELECT s.sku_id, sum(s.on_hand)::bigint AS on_hand, count(*) OVER () AS total
    FROM stock s JOIN sku k ON k.cell = s.cell AND k.id = s.sku_id
    WHERE s.cell = $1 AND s.shop_id = $2 AND k.on_sale
    GROUP BY s.sku_id HAVING sum(s.on_hand) <= $3
    ORDER BY 2, s.sku_id LIMIT $4
) low
JOIN sku k ON k.cell = $1 AND k.id = low.sku_id
JOIN product p ON p.cell = k.cell AND p.id = k.product_id
ORDER BY low.on_hand, k.id
