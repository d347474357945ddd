-- What labels are made from: orders of a shop, a row for each warehouse something leaves from.
-- in:     $1 smallint cell, $2 bigint shop, $3 bigint[] orders, $4 boolean also what has left already
-- out:    rows in the order of the ids; an order without anything to send has one row without a warehouse.
--         is_asked: the buyer wants money back for something of it, and the shop has not answered
-- index:  primary keys of sale_order, sale_order_line, sku, warehouse and region; aftersale_case_open
SELECT o.id AS order_id, o.state, o.address, o.note, o.ship_by, s.warehouse_id, coalesce(s.pieces, 0) AS pieces,
    coalesce(s.weight_grams, 0) AS weight_grams, s.goods, s.lines, s.parts, w.name AS warehouse, w.contact, w.phone,
    w.street, r.name AS region, u.name AS above, h.name AS shop,
    EXISTS (SELECT FROM aftersale_case c WHERE c.cell = o.cell AND c.order_id = o.id AND c.deadline IS NOT NULL
        AND c.state = 'asked' AND c.stage = 'unshipped' AND c.kind = 'refund') AS is_asked
FROM unnest($3::bigint[]) WITH ORDINALITY a(id, at)
JOIN sale_order o ON o.cell = $1 AND o.id = a.id AND o.shop_id = $2
JOIN shop h ON h.cell = o.cell AND h.id = o.shop_id
LEFT JOIN LATERAL (
    SELECT l.warehouse_id, sum(l.pieces)::bigint AS pieces,
        sum(l.pieces * coalesce(k.weight_grams, 0))::bigint AS weight_grams,
        array_agg(l.line ORDER BY l.line) AS lines, array_agg(l.pieces ORDER BY l.line) AS parts,
        string_agg(concat_ws(' ', l.title, nullif(array_to_string(l.options, ' '), ''), '×' || l.pieces), '; '
            ORDER BY l.line) AS goods
    FROM (
        SELECT n.*, n.quantity - n.cancelled_quantity - CASE WHEN $4 THEN 0 ELSE n.shipped_quantity END AS pieces
        FROM sale_order_line n WHERE n.cell = o.cell AND n.order_id = o.id
    ) l LEFT JOIN sku k ON k.cell = l.cell AND k.id = l.sku_id
    WHERE l.pieces > 0
    GROUP BY l.warehouse_id
) s ON true
LEFT JOIN warehouse w ON w.cell = o.cell AND w.id = s.warehouse_id
LEFT JOIN region r ON r.code = w.region_code
LEFT JOIN region u ON u.code = r.parent_code
ORDER BY a.at, s.warehouse_id
