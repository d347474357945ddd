-- What a card shows of products, in the order of their ids. Prices are those of now: where an offer for everyone
-- lowers one, its list price is the earlier one.
-- in:    $1 bigint[] product ids
-- out:   one row per product that is listed, with its shop's promise; earlier price of its cheapest SKU
-- index: primary keys of product, shop and review_summary, sku_by_product, stock primary key, offer_item_by_product
SELECT p.id, p.title, p.title_en, p.pictures -> 0 AS picture, price.now_minor AS price_minor,
    p.price_to_minor > p.price_from_minor AS is_from, p.sold_count, p.category_id,
    coalesce(offered.list_minor, one.list_price_minor) AS was_minor, p.shop_id, h.name AS shop_name,
    h.name_en AS shop_name_en, h.state AS shop_state, h.ship_within_hours, s.bought AS reviews, s.bought_stars,
    (h.freight_minor = 0 OR coalesce(price.now_minor >= h.free_freight_from_minor, false)) AS is_freight_free,
    coalesce(one.is_in_stock, false) AS is_in_stock
FROM unnest($1::bigint[]) WITH ORDINALITY asked (id, at)
JOIN product p ON p.cell = cell_of(asked.id) AND p.id = asked.id AND p.state = 'listed'
JOIN shop h ON h.cell = p.cell AND h.id = p.shop_id
LEFT JOIN cards_now($1, now()) offered ON offered.product_id = p.id
CROSS JOIN LATERAL (SELECT coalesce(offered.price_minor, p.price_from_minor) AS now_minor) price
LEFT JOIN LATERAL (
    SELECT (array_agg(k.list_price_minor ORDER BY k.price_minor, k.position))[1] AS list_price_minor,
        bool_or(t.on_hand > 0) AS is_in_stock
    FROM sku k LEFT JOIN stock t ON t.cell = k.cell AND t.sku_id = k.id
    WHERE k.cell = p.cell AND k.product_id = p.id AND k.on_sale
) one ON true
LEFT JOIN review_summary s ON s.cell = p.cell AND s.product_id = p.id
ORDER BY asked.at
