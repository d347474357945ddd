-- Orders by id with their shop, as the operator's lists show them.
-- in:     $1 bigint[] ids
-- out:    rows in the order of the ids
-- index:  primary keys
SELECT o.id, o.state, o.amount_minor, o.placed_at, o.payment_id, o.shop_id, h.name AS shop_name,
    h.name_en AS shop_name_en
FROM unnest($1::bigint[]) WITH ORDINALITY a(id, at)
JOIN sale_order o ON o.cell = cell_of(a.id) AND o.id = a.id
JOIN shop h ON h.cell = o.cell AND h.id = o.shop_id
ORDER BY a.at
