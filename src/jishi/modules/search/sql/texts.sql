-- What listed products say of themselves: title, brand, description, attributes, codes, category, shop.
-- in:    $1 bigint[] product ids
-- out:   one row per listed product; at most 50 codes
-- index: primary keys, sku_by_product
SELECT p.id, p.title, p.title_en, p.brand, left(p.description, 1000) AS description, p.attributes,
    p.category_id, h.name AS shop_name, h.name_en AS shop_name_en,
    ARRAY(SELECT k.code FROM sku k WHERE k.cell = p.cell AND k.product_id = p.id AND NOT k.retired
        AND k.code <> '' ORDER BY k.position LIMIT 50) AS codes
FROM unnest($1::bigint[]) a (id)
JOIN product p ON p.cell = cell_of(a.id) AND p.id = a.id AND p.state = 'listed'
JOIN shop h ON h.cell = p.cell AND h.id = p.shop_id
