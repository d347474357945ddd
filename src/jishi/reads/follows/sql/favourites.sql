-- Someone's favourites, newest first, with today's lowest price.
-- in:    $1 smallint cell, $2 bigint account, $3 bigint position of the last one seen, $4 int how many
-- index: favourite_newest, primary keys of product and shop
SELECT f.position, f.product_id, f.price_minor AS then_minor, f.added_at, p.title, p.title_en,
    p.pictures -> 0 AS picture, p.price_from_minor, p.state = 'listed' AND h.state <> 'closed' AS is_for_sale,
    h.name AS shop_name, h.name_en AS shop_name_en
FROM (SELECT * FROM favourite WHERE cell = $1 AND account_id = $2 AND position < $3
      ORDER BY position DESC LIMIT $4) f
JOIN product p ON p.cell = cell_of(f.product_id) AND p.id = f.product_id
JOIN shop h ON h.cell = p.cell AND h.id = p.shop_id
ORDER BY f.position DESC
