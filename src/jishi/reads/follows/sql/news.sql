-- Newest goods of the shops someone follows: of each shop at most as many as a page holds.
-- in:    $1 smallint cell, $2 bigint account, $3 bigint id of the last one seen, $4 int how many,
--        $5 int how many shops, those followed last
-- out:   ids of products, newest first
-- index: shop_follow_newest, product_by_shop
SELECT n.id FROM (
    SELECT shop_id FROM shop_follow WHERE cell = $1 AND account_id = $2 ORDER BY position DESC LIMIT $5) f
JOIN shop h ON h.cell = cell_of(f.shop_id) AND h.id = f.shop_id AND h.state <> 'closed'
CROSS JOIN LATERAL (
    SELECT p.id FROM product p
    WHERE p.cell = h.cell AND p.shop_id = h.id AND p.state = 'listed' AND p.id < $3
    ORDER BY p.id DESC LIMIT $4) n
ORDER BY n.id DESC LIMIT $4
