-- Stock that its journal does not explain.
-- out:    SKU, warehouse, stock and journal
WITH journal AS (
    SELECT cell, sku_id, warehouse_id,
        sum(quantity * CASE kind WHEN 'receive' THEN 1 WHEN 'hold' THEN -1 WHEN 'release' THEN 1
            WHEN 'return' THEN 1 WHEN 'lose' THEN -1 WHEN 'take_out' THEN -1 ELSE 0 END) AS on_hand,
        sum(quantity * CASE kind WHEN 'hold' THEN 1 WHEN 'release' THEN -1 WHEN 'sell' THEN -1
            ELSE 0 END) AS held,
        sum(quantity * CASE kind WHEN 'sell' THEN 1 WHEN 'return' THEN -1 ELSE 0 END) AS sold,
        sum(quantity * CASE kind WHEN 'lose' THEN 1 ELSE 0 END) AS lost,
        sum(quantity * CASE kind WHEN 'receive' THEN 1 WHEN 'take_out' THEN -1 ELSE 0 END) AS received
    FROM stock_move GROUP BY 1, 2, 3
)
SELECT sku_id, warehouse_id, s.on_hand, j.on_hand AS journal_on_hand, s.held, j.held AS journal_held,
    s.sold, j.sold AS journal_sold
FROM stock s FULL JOIN journal j USING (cell, sku_id, warehouse_id)
WHERE (coalesce(s.on_hand, 0), coalesce(s.held, 0), coalesce(s.sold, 0), coalesce(s.lost, 0),
       coalesce(s.received, 0))
    IS DISTINCT FROM (coalesce(j.on_hand, 0), coalesce(j.held, 0), coalesce(j.sold, 0),
       coalesce(j.lost, 0), coalesce(j.received, 0))
    OR s.received <> s.on_hand + s.held + s.sold + s.lost
