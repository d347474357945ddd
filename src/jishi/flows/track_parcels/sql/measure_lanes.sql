-- Measure how long parcels took, per carrier and lane and for all carriers together.
-- in:     $1 timestamptz arrived since, $2 timestamptz now, $3 int parcels a figure needs
-- out:    how many lanes
-- writes: carrier_lane
-- index:  parcel_arrived
WITH took AS (
    SELECT p.carrier, p.lane_from, p.lane_to,
        greatest(extract(epoch FROM p.arrived_at - p.shipped_at)::bigint, 0) AS seconds
    FROM parcel p WHERE p.arrived_at >= $1 AND p.lane_from > 0 AND p.lane_to > 0 AND p.progress = 'delivered'
), measured AS (
    SELECT coalesce(carrier, '') AS carrier, lane_from, lane_to, count(*)::integer AS parcels,
        least(greatest(ceil(percentile_disc(0.8) WITHIN GROUP (ORDER BY seconds) / 86400.0), 1), 60)::smallint AS days,
        (percentile_disc(0.5) WITHIN GROUP (ORDER BY seconds) / 3600)::integer AS median_hours
    FROM took GROUP BY GROUPING SETS ((carrier, lane_from, lane_to), (lane_from, lane_to))
    HAVING count(*) >= $3
), written AS (
    INSERT INTO carrier_lane (carrier, lane_from, lane_to, days, median_hours, parcels, measured_at)
    SELECT carrier, lane_from, lane_to, days, median_hours, parcels, $2 FROM measured
    ON CONFLICT (carrier, lane_from, lane_to) DO UPDATE
    SET (days, median_hours, parcels, measured_at)
        = (excluded.days, excluded.median_hours, excluded.parcels, excluded.measured_at)
    RETURNING 1
)
SELECT count(*) FROM written
