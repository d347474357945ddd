-- What is known of SKUs and their shops, with the warehouse that has most of each.
-- in:     $1 bigint[] sku ids, $2 int the market's fee in basis points
-- out:    one row per SKU that exists
-- index:  primary keys of sku, product, shop; stock primary key
SELECT k.id AS sku_id, k.product_id, k.shop_id, p.title, k.options, p.pictures -> 0 AS picture,
    k.price_minor, k.on_sale, s.warehouse_id, coalesce(s.on_hand, 0) AS on_hand, h.state AS shop_state,
    h.freight_minor, h.free_freight_from_minor, coalesce(h.fee_bp, $2) AS fee_bp
FROM unnest($1::bigint[]) asked(id)
JOIN sku k ON k.cell = cell_of(asked.id) AND k.id = asked.id
JOIN product p ON p.cell = k.cell AND p.id = k.product_id
JOIN shop h ON h.cell = k.cell AND h.id = k.shop_id
LEFT JOIN LATERAL (
    SELECT warehouse_id, on_hand FROM stock
    WHERE stock.cell = k.cell AND stock.sku_id = k.id
    ORDER BY on_hand DESC, warehouse_id LIMIT 1
) s ON true
