-- An unpaid order has exactly one hold per line; no hold stands without one; stock.held is their sum.
-- out:    what is wrong, order or SKU
SELECT 'unpaid line without its hold' AS what, o.id AS subject_id
FROM sale_order o JOIN sale_order_line l ON l.cell = o.cell AND l.order_id = o.id
LEFT JOIN stock_hold h ON h.cell = l.cell AND h.order_id = l.order_id AND h.line = l.line
    AND h.sku_id = l.sku_id AND h.warehouse_id = l.warehouse_id AND h.quantity = l.quantity
WHERE o.state = 10 AND h.order_id IS NULL
UNION ALL
SELECT 'hold without an unpaid order', h.order_id
FROM stock_hold h LEFT JOIN sale_order o ON o.cell = h.cell AND o.id = h.order_id
WHERE o.id IS NULL OR o.state <> 10
UNION ALL
SELECT 'stock held is not the sum of its holds', s.sku_id
FROM stock s LEFT JOIN (SELECT cell, sku_id, warehouse_id, sum(quantity) AS quantity FROM stock_hold
    GROUP BY 1, 2, 3) h USING (cell, sku_id, warehouse_id)
WHERE s.held <> coalesce(h.quantity, 0)
