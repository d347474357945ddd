-- Hold the orders of cases; the cases themselves are locked after them, everywhere.
-- in:     $1 bigint[] case ids
-- locks:  sale_order by (cell, id)
-- index:  primary keys
SELECT 1 FROM (
    SELECT DISTINCT c.cell, c.order_id FROM unnest($1::bigint[]) i(id)
    JOIN aftersale_case c ON c.cell = cell_of(i.id) AND c.id = i.id) c
JOIN sale_order o ON o.cell = c.cell AND o.id = c.order_id
ORDER BY o.cell, o.id FOR NO KEY UPDATE OF o
