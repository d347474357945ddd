-- Listed products of a shop to choose for a coupon, the newest first, found by words of their title.
-- in:     $1 bigint shop, $2 text what the title holds (empty: all), $3 bigint before which id (NULL: the
--         newest), $4 int how many
-- out:    products with their shop's name
-- index:  product_by_shop
SELECT p.id, p.title, p.title_en, h.name AS shop_name, h.name_en AS shop_name_en
FROM product p JOIN shop h ON h.cell = p.cell AND h.id = p.shop_id
WHERE p.cell = cell_of($1) AND p.shop_id = $1 AND p.state = 'listed' AND ($3::bigint IS NULL OR p.id < $3)
    AND ($2 = '' OR strpos(lower(p.title || ' ' || p.title_en), lower($2)) > 0)
ORDER BY p.id DESC LIMIT $4
