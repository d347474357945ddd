-- What labels are made from: orders of a shop, a row for each warehouse something still leaves from.
-- in:     $1 smallint cell, $2 bigint shop, $3 bigint[] orders
-- out:    rows in the order of the ids; an order without anything left has one row without a warehouse
-- index:  primary keys of sale_order, sale_order_line, sku, warehouse and region
SELECT o.id AS order_id, o.state, o.address, o.note, o.ship_by, s.warehouse_id, coalesce(s.pieces, 0) AS pieces,
    coalesce(s.weight_grams, 0) AS weight_grams, s.goods, s.lines, s.parts, w.name AS warehouse, w.contact, w.phone,
    w.street, r.name AS region, u.name AS above, h.name AS shop
FROM unnest($3::bigint[]) WITH ORDINALITY a(id, at)
JOIN sale_order o ON o.cell = $1 AND o.id = a.id AND o.shop_id = $2
JOIN shop h ON h.cell = o.cell AND h.id = o.shop_id
LEFT JOIN LATERAL (
    SELECT l.warehouse_id, sum(l.quantity - l.shipped_quantity - l.cancelled_quantity)::bigint AS pieces,
        sum((l.quantity - l.shipped_quantity - l.cancelled_quantity) * coalesce(k.weight_grams, 0))::bigint
            AS weight_grams,
        array_agg(l.line ORDER BY l.line) AS lines,
        array_agg(l.quantity - l.shipped_quantity - l.cancelled_quantity ORDER BY l.line) AS parts,
        string_agg(concat_ws(' ', l.title, nullif(array_to_string(l.options, ' '), ''),
            '×' || (l.quantity - l.shipped_quantity - l.cancelled_quantity)), '; ' ORDER BY l.line) AS goods
    FROM sale_order_line l LEFT JOIN sku k ON k.cell = l.cell AND k.id = l.sku_id
    WHERE l.cell = o.cell AND l.order_id = o.id
        AND l.quantity > l.shipped_quantity + l.cancelled_quantity
    GROUP BY l.warehouse_id
) s ON true
LEFT JOIN warehouse w ON w.cell = o.cell AND w.id = s.warehouse_id
LEFT JOIN region r ON r.code = w.region_code
LEFT JOIN region u ON u.code = r.parent_code
ORDER BY a.at, s.warehouse_id
