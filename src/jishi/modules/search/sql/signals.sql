-- What makes listed products come first and what they can be narrowed by, beside their texts.
-- in:    $1 bigint[] product ids
-- out:   one row per listed product of a shop that is not closed; region codes as in table region, 0 unknown
-- index: primary keys, sku_by_product, stock primary key, warehouse_default
SELECT p.id AS product_id, p.shop_id, p.category_id, c.path, p.version, p.price_from_minor AS price_minor,
    p.sold_count, coalesce(p.listed_at, p.created_at) AS listed_at,
    coalesce(k.in_stock, false) AS in_stock, coalesce(k.on_offer, false) AS on_offer,
    (h.freight_minor = 0 OR coalesce(p.price_from_minor >= h.free_freight_from_minor, false)) AS free_freight,
    coalesce(w.region_code, 0) AS region_code, coalesce(r.rating_tenths, 0) AS rating_tenths
FROM unnest($1::bigint[]) a (id)
JOIN product p ON p.cell = cell_of(a.id) AND p.id = a.id AND p.state = 'listed'
JOIN shop h ON h.cell = p.cell AND h.id = p.shop_id AND h.state NOT IN ('closed', 'preparing')
JOIN category c ON c.id = p.category_id
LEFT JOIN LATERAL (
    SELECT bool_or(s.on_hand > 0) AS in_stock, bool_or(k.list_price_minor > k.price_minor) AS on_offer
    FROM sku k LEFT JOIN stock s ON s.cell = k.cell AND s.sku_id = k.id
    WHERE k.cell = p.cell AND k.product_id = p.id AND k.on_sale
) k ON true
LEFT JOIN warehouse w ON w.cell = p.cell AND w.shop_id = p.shop_id AND w.is_default
LEFT JOIN LATERAL (
    SELECT (10 * (v.one + 2 * v.two + 3 * v.three + 4 * v.four + 5 * v.five)
        / nullif(v.bought + v.imported, 0))::int AS rating_tenths
    FROM review_summary v WHERE v.cell = p.cell AND v.product_id = p.id
) r ON true
