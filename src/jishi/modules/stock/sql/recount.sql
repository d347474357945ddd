-- Repair stock rows that are not the sum of their moves. The rows are held by lock_skus.
-- in:     $1 bigint[] sku ids
-- out:    the repaired rows: before (b_…) and after
-- writes: stock
-- index:  stock primary key, stock_move primary key
-- rule:   rules.total
WITH stood AS MATERIALIZED (
    SELECT s.* FROM unnest($1::bigint[]) a (id)
    JOIN stock s ON s.cell = cell_of(a.id) AND s.sku_id = a.id
), summed AS (
    SELECT s.cell, s.sku_id, s.warehouse_id,
        coalesce(sum(m.quantity) FILTER (WHERE m.kind IN ('receive', 'release', 'return')), 0)
            - coalesce(sum(m.quantity) FILTER (WHERE m.kind IN ('hold', 'lose', 'take_out')), 0) AS on_hand,
        coalesce(sum(m.quantity) FILTER (WHERE m.kind = 'hold'), 0)
            - coalesce(sum(m.quantity) FILTER (WHERE m.kind IN ('release', 'sell')), 0) AS held,
        coalesce(sum(m.quantity) FILTER (WHERE m.kind = 'sell'), 0)
            - coalesce(sum(m.quantity) FILTER (WHERE m.kind = 'return'), 0) AS sold,
        coalesce(sum(m.quantity) FILTER (WHERE m.kind = 'lose'), 0) AS lost,
        coalesce(sum(m.quantity) FILTER (WHERE m.kind = 'receive'), 0)
            - coalesce(sum(m.quantity) FILTER (WHERE m.kind = 'take_out'), 0) AS received
    FROM stood s
    LEFT JOIN stock_move m
        ON m.cell = s.cell AND m.sku_id = s.sku_id AND m.warehouse_id = s.warehouse_id
    GROUP BY s.cell, s.sku_id, s.warehouse_id
)
UPDATE stock s SET (on_hand, held, sold, lost, received) = (n.on_hand, n.held, n.sold, n.lost, n.received)
FROM summed n JOIN stood b USING (cell, sku_id, warehouse_id)
WHERE s.cell = n.cell AND s.sku_id = n.sku_id AND s.warehouse_id = n.warehouse_id
    AND (s.on_hand, s.held, s.sold, s.lost, s.received)
        IS DISTINCT FROM (n.on_hand, n.held, n.sold, n.lost, n.received)
RETURNING s.sku_id, s.warehouse_id, s.on_hand, s.held, s.sold, s.lost, s.received,
    b.on_hand AS b_on_hand, b.held AS b_held, b.sold AS b_sold, b.lost AS b_lost,
    b.received AS b_received;
