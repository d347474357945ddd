-- Coupons of a shop or of the market, newest first, with what became of them.
-- in:     $1 bigint shop (NULL: the market's), $2 bigint before which id (NULL: the newest), $3 int how many
-- out:    coupons
-- index:  coupon_by_shop, coupon_of_market, primary keys
SELECT c.*, n.claimed, n.reserved_minor, coalesce(u.orders, 0) AS orders,
    coalesce(u.discount_minor, 0) AS discount_minor, coalesce(u.gmv_minor, 0) AS gmv_minor
FROM (
    (SELECT * FROM coupon WHERE $1::bigint IS NOT NULL AND cell = cell_of($1) AND shop_id = $1
        AND ($2::bigint IS NULL OR id < $2) ORDER BY id DESC LIMIT $3)
    UNION ALL
    (SELECT * FROM coupon WHERE $1::bigint IS NULL AND shop_id IS NULL AND ($2::bigint IS NULL OR id < $2)
        ORDER BY id DESC LIMIT $3)
) c
JOIN coupon_count n ON n.cell = c.cell AND n.coupon_id = c.id
LEFT JOIN offer_count u ON u.cell = c.cell AND u.offer_id = c.id
ORDER BY c.id DESC
