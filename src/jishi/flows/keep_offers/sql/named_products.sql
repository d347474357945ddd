-- Products chosen for a coupon, in the order of their ids.
-- in:     $1 bigint shop (NULL: any), $2 bigint[] products
-- out:    one row per product there is, the shop's own only
-- index:  primary keys of product and shop
SELECT p.id, p.title, p.title_en, h.name AS shop_name, h.name_en AS shop_name_en
FROM unnest($2::bigint[]) w(id)
JOIN product p ON p.cell = cell_of(w.id) AND p.id = w.id AND ($1::bigint IS NULL OR p.shop_id = $1)
JOIN shop h ON h.cell = p.cell AND h.id = p.shop_id
ORDER BY p.id
