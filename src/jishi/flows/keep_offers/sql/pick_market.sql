-- Listed products of the market to choose for a coupon, the newest first, found by the words of the search.
-- in:     $1 text tsquery (NULL: all), $2 bigint before which id (NULL: the newest), $3 int how many
-- out:    products with their shop's name
-- index:  product_newest, or those of search_sorted; primary keys of product and shop
SELECT p.id, p.title, p.title_en, h.name AS shop_name, h.name_en AS shop_name_en
FROM (
    (SELECT id FROM product WHERE $1::text IS NULL AND state = 'listed' AND ($2::bigint IS NULL OR id < $2)
        ORDER BY id DESC LIMIT $3::integer)
    UNION ALL
    SELECT product_id FROM search_sorted($1, 'newest', NULL, NULL, false, NULL, $2, $3::integer) WHERE $1::text IS NOT NULL
) w
JOIN product p ON p.cell = cell_of(w.id) AND p.id = w.id
JOIN shop h ON h.cell = p.cell AND h.id = p.shop_id
ORDER BY p.id DESC LIMIT $3::integer
