-- Write scans of parcels; one that is known stays as it was.
-- in:     $1 bigint[] parcels, $2 text[] the carrier's ids, $3 text[] progress, $4 text[] places, $5 text[]
--         details, $6 timestamptz[] instants, $7 timestamptz now
-- out:    the parcels and ids that are new
-- writes: parcel_scan
INSERT INTO parcel_scan (cell, parcel_id, scan_id, progress, place, detail, occurred_at, received_at)
SELECT cell_of(s.parcel), s.parcel, s.id, s.progress, s.place, s.detail, s.at, $7
FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[])
    s(parcel, id, progress, place, detail, at)
ORDER BY 1, 2, 3
ON CONFLICT (cell, parcel_id, scan_id) DO NOTHING
RETURNING parcel_id, scan_id
