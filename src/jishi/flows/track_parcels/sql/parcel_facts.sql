-- Parcels that are not followed yet, with where they go and what was promised.
-- in:    $1 bigint[] parcel ids
-- out:   one row per parcel that is not counted yet
-- locks: parcel by (cell, id)
-- index: primary keys of parcel, parcel_line, sale_order, sale_order_line and warehouse
SELECT p.id AS parcel_id, p.shop_id, p.carrier, p.shipped_at,
    o.address ->> 'country' AS country, (o.address ->> 'region_code')::integer AS to_region,
    (SELECT w.region_code FROM parcel_line c
     JOIN sale_order_line l ON l.cell = c.cell AND l.order_id = c.order_id AND l.line = c.line
     JOIN warehouse w ON w.cell = l.cell AND w.id = l.warehouse_id
     WHERE c.cell = p.cell AND c.parcel_id = p.id ORDER BY c.line LIMIT 1) AS from_region
FROM unnest($1::bigint[]) a(id)
JOIN parcel p ON p.cell = cell_of(a.id) AND p.id = a.id AND NOT p.counted
JOIN sale_order o ON o.cell = p.cell AND o.id = p.order_id
ORDER BY p.cell, p.id
FOR NO KEY UPDATE OF p
