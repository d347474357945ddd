-- One case with its goods and shop.
-- in:     $1 bigint case
-- out:    one row, or none
-- index:  primary keys
SELECT c.*, l.title, l.options, l.picture, l.price_minor, h.name AS shop_name, h.name_en AS shop_name_en,
    r.state AS refund_state, l.shipped_quantity - (l.refunded_quantity - l.cancelled_quantity) AS at_buyer,
    l.amount_minor - l.platform_minor - l.creator_minor - l.refunded_minor AS buyer_left_minor,
    ARRAY(SELECT s.id FROM sku s WHERE s.cell = l.cell AND s.product_id = l.product_id AND s.on_sale
        AND s.price_minor = k.price_minor ORDER BY s.id = l.sku_id DESC, s.position LIMIT 100) AS send_skus,
    ARRAY(SELECT array_to_string(s.options, ' · ') FROM sku s WHERE s.cell = l.cell AND s.product_id = l.product_id
        AND s.on_sale AND s.price_minor = k.price_minor ORDER BY s.id = l.sku_id DESC, s.position LIMIT 100)
        AS send_names
FROM aftersale_case c
JOIN sale_order_line l ON l.cell = c.cell AND l.order_id = c.order_id AND l.line = c.line
JOIN shop h ON h.cell = c.cell AND h.id = c.shop_id
LEFT JOIN sku k ON k.cell = c.cell AND k.id = c.sku_id
LEFT JOIN refund r ON r.cell = c.cell AND r.id = c.refund_id
WHERE c.cell = cell_of($1) AND c.id = $1
