-- Parcels of the last days by carrier.
-- in:    $1 smallint cell (NULL: the whole market), $2 bigint shop (NULL: all), $3 date since, $4 int rows
-- out:   one row per carrier, those with the most parcels first
-- index: parcel_day primary key (one shop) or parcel_day_by_day
SELECT carrier, sum(parcels)::bigint AS parcels, sum(shipped_late)::bigint AS shipped_late,
    sum(arrived)::bigint AS arrived, sum(arrived_late)::bigint AS arrived_late,
    sum(returned)::bigint AS returned, sum(lost)::bigint AS lost, sum(hours)::bigint AS hours
FROM (
    SELECT * FROM parcel_day WHERE cell = $1 AND shop_id = $2 AND day >= $3
    UNION ALL
    SELECT * FROM parcel_day WHERE $2 IS NULL AND day >= $3  -- not begun for one shop
) d
GROUP BY carrier ORDER BY sum(parcels) DESC, carrier LIMIT $4
