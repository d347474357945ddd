-- Orders and products a conversation may show: orders of this buyer in this shop, products of this shop
-- that were on sale at least once.
-- in:     $1 bigint shop, $2 bigint buyer, $3 bigint[] order ids, $4 bigint[] product ids
-- out:    one row each: id, is_order, title, title_en, picture, amount_minor, state
-- index:  primary keys
SELECT o.id, true AS is_order, l.title, '' AS title_en, l.picture,
    o.amount_minor - o.platform_minor - o.creator_minor AS amount_minor, o.state::text AS state
FROM unnest($3::bigint[]) a (id)
JOIN sale_order o ON o.cell = cell_of($1) AND o.id = a.id AND o.shop_id = $1 AND o.buyer_id = $2
JOIN sale_order_line l ON l.cell = o.cell AND l.order_id = o.id AND l.line = 1
UNION ALL
SELECT p.id, false, p.title, p.title_en, p.pictures -> 0, p.price_from_minor, p.state
FROM unnest($4::bigint[]) a (id)
JOIN product p ON p.cell = cell_of($1) AND p.id = a.id AND p.shop_id = $1 AND p.state <> 'draft'
