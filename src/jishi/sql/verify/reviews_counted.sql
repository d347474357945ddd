-- The counts of reviews by product, SKU and shop equal what is shown; votes equal what is counted.
WITH shown AS (
    SELECT cell, product_id, count(*) FILTER (WHERE stars = 1) AS one, count(*) FILTER (WHERE stars = 2) AS two,
        count(*) FILTER (WHERE stars = 3) AS three, count(*) FILTER (WHERE stars = 4) AS four,
        count(*) FILTER (WHERE stars = 5) AS five, count(*) FILTER (WHERE has_pictures) AS pictured,
        count(followed_up_at) AS followed_up, count(order_id) AS bought,
        coalesce(sum(stars) FILTER (WHERE order_id IS NOT NULL), 0) AS bought_stars,
        count(*) FILTER (WHERE order_id IS NULL) AS imported,
        coalesce(sum(stars) FILTER (WHERE order_id IS NULL), 0) AS imported_stars
    FROM review WHERE hidden_at IS NULL GROUP BY cell, product_id
), kept AS (
    SELECT cell, product_id, one, two, three, four, five, pictured, followed_up, bought, bought_stars, imported,
        imported_stars
    FROM review_summary WHERE bought + imported > 0
), shop_shown AS (
    SELECT cell, shop_id, count(*) AS bought, sum(stars) AS bought_stars, count(dispatch_stars) AS dispatched,
        coalesce(sum(dispatch_stars), 0) AS dispatch_stars, count(service_stars) AS served,
        coalesce(sum(service_stars), 0) AS service_stars
    FROM review WHERE hidden_at IS NULL AND order_id IS NOT NULL GROUP BY cell, shop_id
), shop_kept AS (
    SELECT cell, shop_id, bought, bought_stars, dispatched, dispatch_stars, served, service_stars
    FROM review_shop_summary WHERE bought > 0
), voted AS (
    SELECT cell, review_id, count(*) FILTER (WHERE is_helpful) AS helpful,
        count(*) FILTER (WHERE NOT is_helpful) AS unhelpful
    FROM review_vote GROUP BY cell, review_id
)
SELECT 'product' AS what, coalesce(s.product_id, k.product_id) AS id, s::text AS shown, k::text AS counted
FROM shown s FULL JOIN kept k ON k.cell = s.cell AND k.product_id = s.product_id
WHERE (s.one, s.two, s.three, s.four, s.five, s.pictured, s.followed_up, s.bought, s.bought_stars, s.imported,
    s.imported_stars) IS DISTINCT FROM (k.one, k.two, k.three, k.four, k.five, k.pictured, k.followed_up, k.bought,
    k.bought_stars, k.imported, k.imported_stars)
UNION ALL
SELECT 'sku', coalesce(s.sku_id, k.sku_id), s.reviews::text, k.reviews::text
FROM (SELECT cell, product_id, sku_id, count(*) AS reviews FROM review
      WHERE hidden_at IS NULL AND sku_id IS NOT NULL GROUP BY cell, product_id, sku_id) s
FULL JOIN (SELECT * FROM review_sku_summary WHERE reviews > 0) k
    ON k.cell = s.cell AND k.product_id = s.product_id AND k.sku_id = s.sku_id
WHERE s.reviews IS DISTINCT FROM k.reviews
UNION ALL
SELECT 'shop', coalesce(s.shop_id, k.shop_id), s::text, k::text
FROM shop_shown s FULL JOIN shop_kept k ON k.cell = s.cell AND k.shop_id = s.shop_id
WHERE s.bought IS DISTINCT FROM k.bought OR s.bought_stars IS DISTINCT FROM k.bought_stars
    OR s.dispatched IS DISTINCT FROM k.dispatched OR s.dispatch_stars IS DISTINCT FROM k.dispatch_stars
    OR s.served IS DISTINCT FROM k.served OR s.service_stars IS DISTINCT FROM k.service_stars
UNION ALL
SELECT 'votes', r.id, coalesce(v.helpful, 0) || '/' || coalesce(v.unhelpful, 0), r.helpful || '/' || r.unhelpful
FROM review r LEFT JOIN voted v ON v.cell = r.cell AND v.review_id = r.id
WHERE (r.helpful, r.unhelpful) <> (coalesce(v.helpful, 0), coalesce(v.unhelpful, 0))
