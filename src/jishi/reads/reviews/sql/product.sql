-- What a list of reviews says about its product, listed or no longer.
-- in:    $1 smallint cell, $2 bigint product
-- index: primary keys
SELECT p.id, p.title, p.title_en, p.pictures -> 0 AS picture, p.price_from_minor, p.price_to_minor, p.shop_id,
    p.state = 'listed' AS is_listed
FROM product p JOIN shop h ON h.cell = p.cell AND h.id = p.shop_id
WHERE p.cell = $1 AND p.id = $2 AND p.state <> 'draft' AND h.state <> 'closed'
