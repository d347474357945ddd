-- Parcels whose carrier is to be asked now; the next question is set at once, so that one that never
-- comes back is asked again later and not at the same time by another.
-- in:     $1 timestamptz now, $2 int how many, $3 interval until it may be asked again
-- out:    what the question needs
-- writes: parcel
-- locks:  parcel by query_at, skipping rows someone holds
-- index:  parcel_query
WITH due AS MATERIALIZED (
    SELECT cell, id FROM parcel WHERE query_at <= $1 ORDER BY query_at, id LIMIT $2 FOR UPDATE SKIP LOCKED
), claimed AS (
    UPDATE parcel p SET query_at = $1 + $3::interval, query_tries = p.query_tries + 1
    FROM due WHERE p.cell = due.cell AND p.id = due.id
    RETURNING p.*
)
SELECT c.id, c.carrier, c.waybill, c.shipped_at, c.query_tries, o.address, (
    SELECT coalesce(r.name, '') FROM parcel_line n
    JOIN sale_order_line l ON l.cell = n.cell AND l.order_id = n.order_id AND l.line = n.line
    JOIN warehouse w ON w.cell = l.cell AND w.id = l.warehouse_id
    LEFT JOIN region r ON r.code = w.region_code
    WHERE n.cell = c.cell AND n.parcel_id = c.id ORDER BY n.line LIMIT 1) AS origin
FROM claimed c JOIN sale_order o ON o.cell = c.cell AND o.id = c.order_id
