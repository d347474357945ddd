-- A buyer's cases, newest first, each with its goods and shop.
-- in:     $1 bigint buyer, $2 bigint id to start below (NULL: from the newest), $3 int how many
-- index:  aftersale_case_of_buyer; primary keys of sale_order_line and shop
SELECT c.*, l.title, l.options, l.picture, l.price_minor, h.name AS shop_name, h.name_en AS shop_name_en
FROM (SELECT * FROM aftersale_case WHERE buyer_id = $1 AND ($2::bigint IS NULL OR id < $2)
      ORDER BY id DESC LIMIT $3) c
JOIN sale_order_line l ON l.cell = c.cell AND l.order_id = c.order_id AND l.line = c.line
JOIN shop h ON h.cell = c.cell AND h.id = c.shop_id
ORDER BY c.id DESC
