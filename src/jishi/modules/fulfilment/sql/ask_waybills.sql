-- Ask for labels: a row each, unless the order has one from that warehouse already.
-- in:     $1 bigint[] ids, $2 bigint shop, $3 bigint[] orders, $4 bigint[] warehouses, $5 text carrier,
--         $6 bigint[] pieces, $7 bigint actor, $8 timestamptz now, $9 timestamptz ask again then
-- out:    the ids that were written
-- writes: waybill
-- index:  waybill_live
INSERT INTO waybill (cell, id, shop_id, order_id, warehouse_id, carrier, state, pieces, actor_id, asked_at, retry_at)
SELECT cell_of(w.id), w.id, $2, w.order_id, w.warehouse_id, $5, 'asked', w.pieces, $7, $8, $9
FROM unnest($1::bigint[], $3::bigint[], $4::bigint[], $6::bigint[]) w(id, order_id, warehouse_id, pieces)
ORDER BY w.id
ON CONFLICT (cell, order_id, warehouse_id) WHERE state IN ('asked', 'made', 'cancelling') DO NOTHING
RETURNING id
