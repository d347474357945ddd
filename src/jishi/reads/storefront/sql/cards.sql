-- What a card shows of products, in the order of their ids.
-- in:    $1 bigint[] product ids
-- out:   one row per product that is listed, with its shop's promise; earlier price of its cheapest SKU
-- index: primary keys of product, shop and review_summary, sku_by_product, stock primary key
SELECT p.id, p.title, p.title_en, p.pictures -> 0 AS picture, p.price_from_minor, p.price_to_minor,
    p.sold_count, p.category_id, cheapest.list_price_minor AS was_minor, p.shop_id, h.name AS shop_name,
    h.name_en AS shop_name_en, h.state AS shop_state, h.ship_within_hours, s.bought AS reviews, s.bought_stars,
    (h.freight_minor = 0 OR coalesce(p.price_from_minor >= h.free_freight_from_minor, false)) AS is_freight_free,
    EXISTS (
        SELECT FROM sku k JOIN stock s ON s.cell = k.cell AND s.sku_id = k.id
        WHERE k.cell = p.cell AND k.product_id = p.id AND k.on_sale AND s.on_hand > 0) AS is_in_stock
FROM unnest($1::bigint[]) WITH ORDINALITY asked (id, at)
JOIN product p ON p.cell = cell_of(asked.id) AND p.id = asked.id AND p.state = 'listed'
JOIN shop h ON h.cell = p.cell AND h.id = p.shop_id
LEFT JOIN LATERAL (
    SELECT k.list_price_minor FROM sku k
    WHERE k.cell = p.cell AND k.product_id = p.id AND k.on_sale
    ORDER BY k.price_minor, k.position LIMIT 1
) cheapest ON true
LEFT JOIN review_summary s ON s.cell = p.cell AND s.product_id = p.id
ORDER BY asked.at
