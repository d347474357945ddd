-- Parcels of orders whose buyers said they had the goods, not known to have arrived.
-- in:    $1 bigint[] completed orders
-- out:   parcels with the instant of the confirmation
-- locks: parcel by (cell, id)
-- index: parcel_by_order, sale_order_step primary key
SELECT p.id, s.occurred_at
FROM unnest($1::bigint[]) a(id)
JOIN sale_order_step s ON s.cell = cell_of(a.id) AND s.order_id = a.id AND s.state = 100 AND s.actor = 'buyer'
JOIN parcel p ON p.cell = s.cell AND p.order_id = s.order_id AND p.arrived_at IS NULL
    AND p.progress NOT IN ('returned', 'lost')
ORDER BY p.cell, p.id
FOR NO KEY UPDATE OF p
