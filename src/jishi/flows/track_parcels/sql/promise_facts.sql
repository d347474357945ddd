-- What a promise is made from: deadline, where the goods lie, where they go.
-- in:    $1 bigint[] order ids
-- out:   one row per order with a deadline; region codes, NULL where they are not known
-- index: primary keys of sale_order, sale_order_line and warehouse
SELECT o.id AS order_id, o.shop_id, o.ship_by, o.address ->> 'country' AS country,
    (o.address ->> 'region_code')::integer AS to_region, w.region_code AS from_region
FROM unnest($1::bigint[]) a(id)
JOIN sale_order o ON o.cell = cell_of(a.id) AND o.id = a.id AND o.ship_by IS NOT NULL
LEFT JOIN sale_order_line l ON l.cell = o.cell AND l.order_id = o.id AND l.line = 1
LEFT JOIN warehouse w ON w.cell = l.cell AND w.id = l.warehouse_id
