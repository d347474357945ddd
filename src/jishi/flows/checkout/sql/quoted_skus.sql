-- What a cart or checkout shows of SKUs: their goods, their shop's terms, what can be had at once.
-- in:    $1 bigint[] sku ids
-- out:   one row per SKU that exists
-- index: primary keys of sku, product, shop; stock primary key
SELECT k.id AS sku_id, k.product_id, k.shop_id, p.title, p.title_en, k.options, p.pictures -> 0 AS picture,
    k.price_minor, k.on_sale, coalesce(s.on_hand, 0) AS on_hand, h.name AS shop_name,
    h.name_en AS shop_name_en, h.state AS shop_state, h.free_freight_from_minor,
    h.ship_within_hours
FROM unnest($1::bigint[]) asked (id)
JOIN sku k ON k.cell = cell_of(asked.id) AND k.id = asked.id
JOIN product p ON p.cell = k.cell AND p.id = k.product_id
JOIN shop h ON h.cell = k.cell AND h.id = k.shop_id
LEFT JOIN LATERAL (
    SELECT max(on_hand) AS on_hand FROM stock WHERE stock.cell = k.cell AND stock.sku_id = k.id
) s ON true
