-- Take goods in: add to the stock rows, writing those that are missing, and to the journal.
-- in:     $1 bigint[] sku ids, $2 bigint[] warehouse ids, $3 bigint[] quantities, $4 text[] reasons,
--         $5 bigint the only shop whose warehouses count, NULL any; $6 bigint actor, $7 timestamptz now
-- out:    the stock rows as they became; one missing for each place whose warehouse is unknown
-- writes: stock, stock_move
-- locks:  stock by (cell, sku_id, warehouse_id)
-- rule:   rules.moved, kind receive
WITH asked AS MATERIALIZED (
    SELECT w.cell, a.sku_id, a.warehouse_id, w.shop_id, a.quantity, a.why, a.at
    FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[])
        WITH ORDINALITY a (sku_id, warehouse_id, quantity, why, at)
    JOIN warehouse w ON w.cell = cell_of(a.warehouse_id) AND w.id = a.warehouse_id
    WHERE w.cell = cell_of(a.sku_id) AND ($5::bigint IS NULL OR w.shop_id = $5)
), summed AS (
    SELECT cell, sku_id, warehouse_id, shop_id, sum(quantity)::bigint AS quantity
    FROM asked GROUP BY cell, sku_id, warehouse_id, shop_id
), received AS (
    INSERT INTO stock AS s (cell, sku_id, warehouse_id, shop_id, on_hand, received)
    SELECT cell, sku_id, warehouse_id, shop_id, quantity, quantity FROM summed
    ORDER BY cell, sku_id, warehouse_id
    ON CONFLICT (cell, sku_id, warehouse_id) DO UPDATE
    SET on_hand = s.on_hand + excluded.on_hand, received = s.received + excluded.received
    RETURNING s.sku_id, s.warehouse_id, s.on_hand
), journalled AS (
    INSERT INTO stock_move (cell, sku_id, warehouse_id, kind, quantity, actor_id, why, occurred_at)
    SELECT cell, sku_id, warehouse_id, 'receive', quantity, $6, why, $7 FROM asked ORDER BY at
)
SELECT * FROM received;
