-- Hold the stock that refunds in rounds put back, before the first round holds ledger accounts: stock comes
-- before the ledger everywhere.
-- in:     $1 bigint[] order ids, $2 smallint[] lines (pairs)
-- locks:  stock by (cell, sku_id, warehouse_id)
-- index:  primary keys
SELECT 1 FROM (
    SELECT DISTINCT l.cell, l.sku_id, l.warehouse_id FROM unnest($1::bigint[], $2::smallint[]) i(order_id, line)
    JOIN sale_order_line l ON l.cell = cell_of(i.order_id) AND l.order_id = i.order_id AND l.line = i.line) l
JOIN stock s USING (cell, sku_id, warehouse_id)
ORDER BY s.cell, s.sku_id, s.warehouse_id FOR NO KEY UPDATE OF s
