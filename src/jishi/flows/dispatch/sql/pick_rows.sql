-- What is to be taken from the shelves for orders of a shop.
-- in:     $1 smallint cell, $2 bigint shop, $3 bigint[] orders (NULL: those that wait, by deadline), $4 int orders
-- out:    a row per warehouse and SKU, as pickers walk; with the orders it is for
-- index:  sale_order_shipping or primary key; primary keys of sale_order_line, stock, sku and warehouse
WITH wanted AS MATERIALIZED (
    (SELECT o.id FROM sale_order o WHERE $3::bigint[] IS NULL AND o.cell = $1 AND o.shop_id = $2
        AND o.state IN (20, 21) ORDER BY o.ship_by, o.id LIMIT $4)
    UNION ALL
    (SELECT o.id FROM unnest($3::bigint[]) a(id)
     JOIN sale_order o ON o.cell = $1 AND o.id = a.id AND o.shop_id = $2 AND o.state IN (20, 21) LIMIT $4)
)
SELECT w.id AS warehouse_id, w.name AS warehouse, s.location, l.sku_id, k.code, min(l.title) AS title, k.options,
    sum(l.quantity - l.shipped_quantity - l.cancelled_quantity)::bigint AS pieces,
    array_agg(l.order_id ORDER BY l.order_id) AS orders,
    array_agg(l.quantity - l.shipped_quantity - l.cancelled_quantity ORDER BY l.order_id) AS parts
FROM wanted o
JOIN sale_order_line l ON l.cell = $1 AND l.order_id = o.id
    AND l.quantity > l.shipped_quantity + l.cancelled_quantity
JOIN warehouse w ON w.cell = $1 AND w.id = l.warehouse_id
JOIN sku k ON k.cell = $1 AND k.id = l.sku_id
LEFT JOIN stock s ON s.cell = $1 AND s.sku_id = l.sku_id AND s.warehouse_id = l.warehouse_id
GROUP BY w.id, w.name, w.is_default, s.location, l.sku_id, k.code, k.options
ORDER BY w.is_default DESC, w.id, s.location = '', s.location, min(l.title), k.options, l.sku_id
