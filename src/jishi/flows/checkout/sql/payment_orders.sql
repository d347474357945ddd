-- The orders a payment is for, with what of it reached each.
-- in:    $1 bigint[] order ids, $2 bigint payment
-- out:   one row per order, in the order of the ids; outcome NULL while no money has come
-- index: primary keys of sale_order, shop, payment_part, sale_order_line
SELECT o.id, o.state, o.amount_minor - o.platform_minor - o.creator_minor AS amount_minor, h.name AS shop_name, h.name_en AS shop_name_en, part.outcome,
    (SELECT sum(l.quantity) FROM sale_order_line l WHERE l.cell = o.cell AND l.order_id = o.id)::bigint AS pieces,
    (SELECT l.title FROM sale_order_line l WHERE l.cell = o.cell AND l.order_id = o.id ORDER BY l.line LIMIT 1) AS title,
    (SELECT l.picture FROM sale_order_line l WHERE l.cell = o.cell AND l.order_id = o.id ORDER BY l.line LIMIT 1)
        AS picture
FROM unnest($1::bigint[]) WITH ORDINALITY asked (id, at)
JOIN sale_order o ON o.cell = cell_of(asked.id) AND o.id = asked.id
JOIN shop h ON h.cell = o.cell AND h.id = o.shop_id
LEFT JOIN payment_part part ON part.cell = o.cell AND part.order_id = o.id AND part.payment_id = $2
ORDER BY asked.at
