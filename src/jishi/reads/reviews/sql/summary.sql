-- The counts of a product's reviews.
-- in:    $1 smallint cell, $2 bigint product
-- out:   one row; none while nothing was written
-- index: primary keys
SELECT one, two, three, four, five, pictured, followed_up, bought, bought_stars, imported, imported_stars
FROM review_summary WHERE cell = $1 AND product_id = $2
