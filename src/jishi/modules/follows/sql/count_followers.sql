-- Add to how many follow some shops.
-- in:    $1 bigint[] shops, each once, $2 int[] how many more (fewer below zero)
-- locks: counts by (cell, shop_id)
WITH held AS (
    SELECT c.cell, c.shop_id, a.more FROM unnest($1::bigint[], $2::integer[]) a (id, more)
    JOIN shop_follower_count c ON c.cell = cell_of(a.id) AND c.shop_id = a.id
    ORDER BY c.cell, c.shop_id FOR NO KEY UPDATE OF c
)
UPDATE shop_follower_count c SET followers = c.followers + h.more
FROM held h WHERE c.cell = h.cell AND c.shop_id = h.shop_id
