-- Orders to be judged, held, with what of the buyer's money is left in each line.
-- in:    $1 bigint[] orders
-- out:   one row per order; left_at: when the last piece left (NULL: something is still here); lines as JSON
-- locks: sale_order by (cell, id)
-- index: primary keys
SELECT o.id, o.state, o.shop_id, o.buyer_id, o.ship_by, o.shipped_at AS left_at, (
    SELECT jsonb_agg(jsonb_build_object('line', l.line,
        'left_minor', l.amount_minor - l.platform_minor - l.creator_minor - l.refunded_minor,
        'to_send', l.quantity > l.shipped_quantity + l.cancelled_quantity) ORDER BY l.line)
    FROM sale_order_line l WHERE l.cell = o.cell AND l.order_id = o.id) AS lines
FROM unnest($1::bigint[]) a(id)
JOIN sale_order o ON o.cell = cell_of(a.id) AND o.id = a.id
ORDER BY o.cell, o.id
FOR NO KEY UPDATE OF o
