-- Shops someone follows, newest first, with how many of a shop's newest 99 goods were listed since a moment.
-- in:    $1 smallint cell, $2 bigint account, $3 bigint position of the last one seen, $4 int how many,
--        $5 timestamptz since
-- index: shop_follow_newest, primary keys, product_by_shop
SELECT f.position, f.shop_id, f.followed_at, h.name, h.name_en, h.logo, h.state <> 'closed' AS is_open,
    coalesce(c.followers, 0) AS followers, s.bought, s.bought_stars,
    (SELECT count(*) FROM (SELECT p.listed_at FROM product p WHERE p.cell = h.cell AND p.shop_id = h.id
        AND p.state = 'listed' ORDER BY p.id DESC LIMIT 99) n WHERE n.listed_at >= $5) AS newest
FROM (SELECT * FROM shop_follow WHERE cell = $1 AND account_id = $2 AND position < $3
      ORDER BY position DESC LIMIT $4) f
JOIN shop h ON h.cell = cell_of(f.shop_id) AND h.id = f.shop_id
LEFT JOIN shop_follower_count c ON c.cell = h.cell AND c.shop_id = h.id
LEFT JOIN review_shop_summary s ON s.cell = h.cell AND s.shop_id = h.id
ORDER BY f.position DESC
