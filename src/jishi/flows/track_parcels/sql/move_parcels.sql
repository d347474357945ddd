-- Move parcels on, and count those that ended; one that turns up counts as lost no more. The parcels are held.
-- in:     $1 bigint[] parcels, $2 text[] progress, $3 timestamptz[] newest scan, $4 timestamptz[] arrival (NULL:
--         not there), $5 boolean[] it ended with this, $6 text the market's time zone
-- writes: parcel, parcel_day
-- locks:  parcel_day by key; parcel is held already
-- rule:   jishi.modules.fulfilment.tracking.is_late
WITH moved AS (
    UPDATE parcel p SET progress = a.progress, last_scan_at = greatest(p.last_scan_at, a.scan_at),
        arrived_at = coalesce(p.arrived_at, a.arrived_at),
        query_at = CASE WHEN a.progress IN ('delivered', 'returned', 'lost') THEN NULL ELSE p.query_at END
    FROM unnest($1::bigint[], $2::text[], $3::timestamptz[], $4::timestamptz[], $5::boolean[])
        a(id, progress, scan_at, arrived_at, has_ended)
    JOIN parcel was ON was.cell = cell_of(a.id) AND was.id = a.id
    WHERE p.cell = was.cell AND p.id = was.id
    RETURNING p.cell, p.shop_id, p.carrier, p.lane_from, p.lane_to, p.progress, p.shipped_at, p.arrived_at,
        p.promised_arrival_at, p.counted, a.has_ended, was.progress = 'lost' AS was_lost,
        (p.shipped_at AT TIME ZONE $6)::date AS day
)
INSERT INTO parcel_day AS d (cell, shop_id, day, carrier, lane_from, lane_to, arrived, arrived_late, returned,
    lost, hours)
SELECT cell, shop_id, day, carrier, lane_from, lane_to, count(*) FILTER (WHERE progress = 'delivered'),
    count(*) FILTER (WHERE progress = 'delivered' AND arrived_at > promised_arrival_at),
    count(*) FILTER (WHERE progress = 'returned'),
    count(*) FILTER (WHERE progress = 'lost') - count(*) FILTER (WHERE was_lost AND progress <> 'lost'),
    coalesce(sum(greatest(extract(epoch FROM arrived_at - shipped_at)::bigint / 3600, 0))
        FILTER (WHERE progress = 'delivered'), 0)
FROM moved WHERE has_ended AND counted GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1, 2, 3, 4, 5, 6
ON CONFLICT (cell, shop_id, day, carrier, lane_from, lane_to) DO UPDATE
SET arrived = d.arrived + excluded.arrived, arrived_late = d.arrived_late + excluded.arrived_late,
    returned = d.returned + excluded.returned, lost = d.lost + excluded.lost, hours = d.hours + excluded.hours
