-- The parcels of an order, newest first, with what lies in each.
-- in:    $1 bigint order
-- index: parcel_by_order, parcel_line primary key
SELECT p.carrier, p.waybill, p.shipped_at, (
    SELECT jsonb_agg(jsonb_build_array(l.line, l.quantity) ORDER BY l.line)
    FROM parcel_line l WHERE l.cell = p.cell AND l.parcel_id = p.id) AS lines
FROM parcel p WHERE p.cell = cell_of($1) AND p.order_id = $1
ORDER BY p.id DESC LIMIT 100
