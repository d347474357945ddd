-- Parcels of the last days by carrier and lane, those with the most parcels first.
-- in:    $1 smallint cell (NULL: the whole market), $2 bigint shop (NULL: all), $3 date since, $4 int rows
-- out:   one row per carrier and lane; measured days beside what was counted
-- index: parcel_day primary key (one shop) or parcel_day_by_day, carrier_lane primary key
SELECT d.*, m.days FROM (
    SELECT carrier, lane_from, lane_to, sum(parcels)::bigint AS parcels, sum(shipped_late)::bigint AS shipped_late,
        sum(arrived)::bigint AS arrived, sum(arrived_late)::bigint AS arrived_late,
        sum(returned)::bigint AS returned, sum(lost)::bigint AS lost, sum(hours)::bigint AS hours
    FROM (
        SELECT * FROM parcel_day WHERE cell = $1 AND shop_id = $2 AND day >= $3
        UNION ALL
        SELECT * FROM parcel_day WHERE $2 IS NULL AND day >= $3  -- not begun for one shop
    ) p
    GROUP BY 1, 2, 3 ORDER BY sum(parcels) DESC, 1, 2, 3 LIMIT $4
) d
LEFT JOIN carrier_lane m ON m.carrier = d.carrier AND m.lane_from = d.lane_from AND m.lane_to = d.lane_to
ORDER BY d.parcels DESC, d.carrier, d.lane_from, d.lane_to
