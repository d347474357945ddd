-- Give parcels their lane and promise, and count them for their day. The parcels are held.
-- in:     $1 bigint[] parcels, $2 smallint[] from, $3 smallint[] to, $4 integer[] days to arrival,
--         $5 boolean[] the carrier can be asked, $6 timestamptz now, $7 text the market's time zone
-- writes: parcel, parcel_day
-- locks:  parcel_day by key; parcel is held already
-- rule:   jishi.modules.fulfilment.tracking.is_late
WITH followed AS (
    UPDATE parcel p SET lane_from = a.lane_from, lane_to = a.lane_to, counted = true,
        promised_ship_at = o.ship_by, promised_arrival_at = p.shipped_at + make_interval(days => a.days),
        query_at = CASE WHEN a.is_asked AND p.arrived_at IS NULL THEN $6::timestamptz END
    FROM unnest($1::bigint[], $2::smallint[], $3::smallint[], $4::integer[], $5::boolean[])
        a(id, lane_from, lane_to, days, is_asked), sale_order o
    WHERE p.cell = cell_of(a.id) AND p.id = a.id AND o.cell = p.cell AND o.id = p.order_id
    RETURNING p.cell, p.shop_id, p.carrier, p.lane_from, p.lane_to,
        (p.shipped_at AT TIME ZONE $7)::date AS day, p.shipped_at > o.ship_by AS is_late
)
INSERT INTO parcel_day AS d (cell, shop_id, day, carrier, lane_from, lane_to, parcels, shipped_late)
SELECT cell, shop_id, day, carrier, lane_from, lane_to, count(*), count(*) FILTER (WHERE is_late)
FROM followed GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1, 2, 3, 4, 5, 6
ON CONFLICT (cell, shop_id, day, carrier, lane_from, lane_to) DO UPDATE
SET parcels = d.parcels + excluded.parcels, shipped_late = d.shipped_late + excluded.shipped_late
