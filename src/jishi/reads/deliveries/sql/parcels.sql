-- The parcels of an order with their scans.
-- in:    $1 bigint order, $2 int parcels at most, $3 int scans of each
-- out:   newest parcel first; scans newest first as JSON
-- index: parcel_by_order, parcel_scan primary key
SELECT p.id, p.carrier, p.waybill, p.progress, p.shipped_at, p.promised_ship_at, p.promised_arrival_at, p.arrived_at,
    (SELECT coalesce(jsonb_agg(to_jsonb(s) ORDER BY s.occurred_at DESC, s.scan_id DESC), '[]') FROM (
        SELECT scan_id, progress, place, detail, occurred_at FROM parcel_scan n
        WHERE n.cell = p.cell AND n.parcel_id = p.id ORDER BY occurred_at DESC, scan_id DESC LIMIT $3) s) AS scans
FROM parcel p WHERE p.cell = cell_of($1) AND p.order_id = $1
ORDER BY p.id DESC LIMIT $2
