-- An order line with what decides whether it may be reviewed.
-- in:    $1 smallint cell, $2 bigint order, $3 int line
-- out:   one row, none for no such line; since: when the time for writing began, NULL before dispatch
-- index: primary keys
SELECT l.order_id, l.line, o.shop_id, l.product_id, l.sku_id, l.options, o.buyer_id,
    coalesce(a.name, '') AS buyer_name, o.state IN (21, 30, 100) AND l.shipped_quantity > 0 AS is_delivered,
    l.refunded_quantity >= l.quantity AS is_refunded, coalesce(o.closed_at, o.shipped_at) AS since,
    l.title, l.picture, h.name AS shop_name, h.name_en AS shop_name_en
FROM sale_order o
JOIN sale_order_line l ON l.cell = o.cell AND l.order_id = o.id AND l.line = $3
JOIN shop h ON h.cell = o.cell AND h.id = o.shop_id
LEFT JOIN account a ON a.cell = cell_of(o.buyer_id) AND a.id = o.buyer_id
WHERE o.cell = $1 AND o.id = $2
