-- What stands on a receipt: the shop's name and the goods of an order.
-- in:     $1 smallint cell, $2 bigint order
-- out:    per line: the shop's name, title, pieces
-- index:  primary keys
SELECT s.name AS shop_name, l.title, l.quantity
FROM sale_order o JOIN shop s ON s.cell = o.cell AND s.id = o.shop_id
JOIN sale_order_line l ON l.cell = o.cell AND l.order_id = o.id
WHERE o.cell = $1 AND o.id = $2 ORDER BY l.line LIMIT 50
