-- Set the counts of a shop to nothing, before all of its reviews are counted anew.
-- in:     $1 smallint cell, $2 bigint shop
-- writes: review_summary, review_sku_summary, review_shop_summary
-- locks:  the caller holds the shop's row
WITH of_sku AS (
    UPDATE review_sku_summary k SET reviews = 0
    FROM review_summary p WHERE p.cell = $1 AND p.shop_id = $2 AND k.cell = $1 AND k.product_id = p.product_id
), of_shop AS (
    UPDATE review_shop_summary SET bought = 0, bought_stars = 0, dispatched = 0, dispatch_stars = 0,
        served = 0, service_stars = 0
    WHERE cell = $1 AND shop_id = $2
)
UPDATE review_summary SET one = 0, two = 0, three = 0, four = 0, five = 0, pictured = 0, followed_up = 0,
    bought = 0, bought_stars = 0, imported = 0, imported_stars = 0
WHERE cell = $1 AND shop_id = $2
