-- The newest moves of a product's SKUs.
-- in:    $1 bigint product, $2 bigint moves before this position (NULL: from the newest), $3 int how many
-- out:   the moves with options and code of their SKU, name of the warehouse and of who did it; newest first
-- index: sku_by_product, stock_move primary key, warehouse primary key, account primary key
SELECT m.position, m.kind, m.quantity, m.order_id, m.why, m.occurred_at, s.options, s.code,
    w.name AS warehouse, a.name AS actor
FROM sku s
JOIN LATERAL (
    SELECT * FROM stock_move v
    WHERE v.cell = s.cell AND v.sku_id = s.id AND ($2::bigint IS NULL OR v.position < $2)
    ORDER BY v.position DESC LIMIT $3
) m ON true
LEFT JOIN warehouse w ON w.cell = m.cell AND w.id = m.warehouse_id
LEFT JOIN account a ON a.cell = cell_of(m.actor_id) AND a.id = m.actor_id
WHERE s.cell = cell_of($1) AND s.product_id = $1
ORDER BY m.position DESC LIMIT $3;
