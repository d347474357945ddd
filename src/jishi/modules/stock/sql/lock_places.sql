-- Hold the stock rows of places, writing empty ones where there are none yet.
-- in:     $1 bigint[] sku ids, $2 bigint[] warehouse ids (pairs, each once), $3 bigint shop id
-- out:    the rows as they stand; one missing for each place whose warehouse is not the shop's
-- locks:  stock by (cell, sku_id, warehouse_id)
-- index:  stock primary key, warehouse primary key
SELECT s.sku_id, s.warehouse_id, s.on_hand, s.held, s.sold, s.lost, s.received
FROM unnest($1::bigint[], $2::bigint[]) a (sku_id, warehouse_id)
JOIN stock s ON s.cell = cell_of(a.sku_id) AND s.sku_id = a.sku_id AND s.warehouse_id = a.warehouse_id
WHERE s.shop_id + 0 = $3
ORDER BY s.cell, s.sku_id, s.warehouse_id
FOR NO KEY UPDATE OF s;
