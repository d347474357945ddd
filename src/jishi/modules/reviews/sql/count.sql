-- Add reviews to the counts of their products, SKUs and shop, or take them out.
-- in:     $1 smallint cell, $2 bigint[] reviews, $3 int 1 to add, -1 to take out; hidden ones do not count
-- writes: review_summary, review_sku_summary, review_shop_summary
-- locks:  the caller holds the shop's row
WITH asked AS (
    SELECT r.* FROM unnest($2::bigint[]) a (id)
    JOIN review r ON r.cell = $1 AND r.id = a.id AND r.hidden_at IS NULL
), by_product AS (
    SELECT product_id, $3 * count(*) FILTER (WHERE stars = 1) AS one, $3 * count(*) FILTER (WHERE stars = 2) AS two,
        $3 * count(*) FILTER (WHERE stars = 3) AS three, $3 * count(*) FILTER (WHERE stars = 4) AS four,
        $3 * count(*) FILTER (WHERE stars = 5) AS five, $3 * count(*) FILTER (WHERE has_pictures) AS pictured,
        $3 * count(followed_up_at) AS followed_up, $3 * count(order_id) AS bought,
        $3 * coalesce(sum(stars) FILTER (WHERE order_id IS NOT NULL), 0) AS bought_stars,
        $3 * count(*) FILTER (WHERE order_id IS NULL) AS imported,
        $3 * coalesce(sum(stars) FILTER (WHERE order_id IS NULL), 0) AS imported_stars
    FROM asked GROUP BY product_id
), by_sku AS (
    SELECT product_id, sku_id, $3 * count(*) AS reviews FROM asked WHERE sku_id IS NOT NULL
    GROUP BY product_id, sku_id
), by_shop AS (
    SELECT shop_id, $3 * count(*) AS bought, $3 * sum(stars) AS bought_stars,
        $3 * count(dispatch_stars) AS dispatched, $3 * coalesce(sum(dispatch_stars), 0) AS dispatch_stars,
        $3 * count(service_stars) AS served, $3 * coalesce(sum(service_stars), 0) AS service_stars
    FROM asked WHERE order_id IS NOT NULL GROUP BY shop_id
), sku_counted AS (
    UPDATE review_sku_summary s SET reviews = s.reviews + d.reviews
    FROM by_sku d WHERE s.cell = $1 AND s.product_id = d.product_id AND s.sku_id = d.sku_id
), shop_counted AS (
    UPDATE review_shop_summary s SET bought = s.bought + d.bought,
        bought_stars = s.bought_stars + d.bought_stars, dispatched = s.dispatched + d.dispatched,
        dispatch_stars = s.dispatch_stars + d.dispatch_stars, served = s.served + d.served,
        service_stars = s.service_stars + d.service_stars
    FROM by_shop d WHERE s.cell = $1 AND s.shop_id = d.shop_id
)
UPDATE review_summary s SET one = s.one + d.one, two = s.two + d.two, three = s.three + d.three,
    four = s.four + d.four, five = s.five + d.five, pictured = s.pictured + d.pictured,
    followed_up = s.followed_up + d.followed_up, bought = s.bought + d.bought,
    bought_stars = s.bought_stars + d.bought_stars, imported = s.imported + d.imported,
    imported_stars = s.imported_stars + d.imported_stars
FROM by_product d WHERE s.cell = $1 AND s.product_id = d.product_id
