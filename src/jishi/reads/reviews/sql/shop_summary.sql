-- The counts of a shop's reviews by buyers.
-- in:    $1 smallint cell, $2 bigint shop
-- out:   one row; none while nothing was written
-- index: primary key
SELECT bought, bought_stars, dispatched, dispatch_stars, served, service_stars
FROM review_shop_summary WHERE cell = $1 AND shop_id = $2
