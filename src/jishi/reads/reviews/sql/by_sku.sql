-- The SKUs of a product that have reviews, with how many, the most first.
-- in:    $1 smallint cell, $2 bigint product, $3 int how many SKUs
-- index: primary keys
SELECT s.sku_id, s.reviews, k.options FROM review_sku_summary s
JOIN sku k ON k.cell = s.cell AND k.id = s.sku_id
WHERE s.cell = $1 AND s.product_id = $2 AND s.reviews > 0
ORDER BY s.reviews DESC, s.sku_id LIMIT $3
