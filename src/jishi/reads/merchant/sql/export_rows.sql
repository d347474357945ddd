-- Orders with their lines for a file: one row per line.
-- in:     $1 smallint cell, $2 bigint[] ids
-- out:    rows in the order of the ids, then by line
-- index:  primary keys, parcel_by_order, sku primary key
SELECT o.id, o.state, o.placed_at, o.paid_at, o.ship_by, o.shipped_at, o.amount_minor,
    o.freight_minor, o.discount_minor, o.platform_minor, o.creator_minor,
    o.amount_minor - o.platform_minor - o.creator_minor AS buyer_minor, o.refunded_minor, o.note, o.address,
    l.title, l.options, l.quantity, l.price_minor, l.amount_minor AS line_minor, k.code AS sku_code,
    (SELECT string_agg(p.carrier || ':' || p.waybill, ' ' ORDER BY p.id) FROM parcel p
     WHERE p.cell = o.cell AND p.order_id = o.id) AS parcels
FROM unnest($2::bigint[]) WITH ORDINALITY a(id, at)
JOIN sale_order o ON o.cell = $1 AND o.id = a.id
JOIN sale_order_line l ON l.cell = o.cell AND l.order_id = o.id
LEFT JOIN sku k ON k.cell = o.cell AND k.id = l.sku_id
ORDER BY a.at, l.line
