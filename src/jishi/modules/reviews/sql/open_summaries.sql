-- Make the rows that count some reviews, where there are none yet.
-- in:     $1 smallint cell, $2 bigint[] reviews
-- writes: review_summary, review_sku_summary
WITH asked AS (
    SELECT r.shop_id, r.product_id, r.sku_id FROM unnest($2::bigint[]) a (id)
    JOIN review r ON r.cell = $1 AND r.id = a.id
), by_sku AS (
    INSERT INTO review_sku_summary (cell, product_id, sku_id)
    SELECT DISTINCT $1::smallint, product_id, sku_id FROM asked WHERE sku_id IS NOT NULL
    ON CONFLICT DO NOTHING
)
INSERT INTO review_summary (cell, product_id, shop_id)
SELECT DISTINCT $1::smallint, product_id, shop_id FROM asked
ON CONFLICT DO NOTHING
