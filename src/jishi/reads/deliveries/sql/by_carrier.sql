-- Parcels of the last days by carrier.
-- in:    $1 smallint cell (NULL: the whole market), $2 bigint shop (NULL: all), $3 date since, $4 int rows
-- out:   one row per carrier, those with the most parcels first
-- index: parcel_day primary key (one shop) or parcel_day_by_day
SELECT carrier, sum(parcels)::bigint AS parcels, sum(shipped_late)::bigint AS shipped_late,
    sum(arrived)::bigint AS arrived, sum(arrived_late)::bigint AS arrived_late,
    sum(returned)::bigint AS returned, sum(lost)::bigint AS lost, sum(hours)::bigint AS hours
FROM parcel_day
WHERE day >= $3 AND ($1::smallint IS NULL OR cell = $1) AND ($2::bigint IS NULL OR shop_id = $2)
GROUP BY carrier ORDER BY sum(parcels) DESC, carrier LIMIT $4
