-- One product with its shop and the names of its category, whether listed or no longer.
-- in:    $1 bigint product
-- out:   one row; none for a product that was never listed
-- index: primary keys
SELECT p.id, p.shop_id, p.state, p.title, p.title_en, p.description, p.brand, p.condition, p.attributes, p.pictures,
    p.price_from_minor, p.price_to_minor, p.sold_count, p.category_id, p.listed_at,
    h.name AS shop_name, h.name_en AS shop_name_en, h.about AS shop_about, h.logo AS shop_logo,
    h.state AS shop_state, h.holiday_note, h.freight_minor, h.free_freight_from_minor, h.ship_within_hours,
    h.opened_at,
    (SELECT jsonb_agg(jsonb_build_array(u.id, u.name_zh, u.name_en) ORDER BY u.level)
     FROM category c JOIN category u ON u.id = ANY (c.path) WHERE c.id = p.category_id) AS categories
FROM product p
JOIN shop h ON h.cell = p.cell AND h.id = p.shop_id
WHERE p.cell = cell_of($1) AND p.id = $1 AND p.state <> 'draft' AND h.state <> 'closed'
