-- Orders of a shop for the shipping form, with what each line still has to ship.
-- in:     $1 smallint cell, $2 bigint shop, $3 bigint[] ids
-- out:    one row per order that is the shop's, in the order of the ids; lines as JSON
-- index:  primary keys of sale_order and sale_order_line; aftersale_case_open
SELECT o.id, o.state, o.ship_by, o.address, o.note,
    EXISTS (SELECT FROM aftersale_case c WHERE c.cell = o.cell AND c.order_id = o.id AND c.deadline IS NOT NULL
        AND c.state = 'asked' AND c.stage = 'unshipped' AND c.kind = 'refund') AS is_asked,
    (SELECT jsonb_agg(jsonb_build_object('line', l.line, 'title', l.title,
        'spec', array_to_string(l.options, ' · '),
        'left', l.quantity - l.shipped_quantity - l.cancelled_quantity,
        'quantity', l.quantity, 'picture', l.picture) ORDER BY l.line)
     FROM sale_order_line l WHERE l.cell = o.cell AND l.order_id = o.id) AS lines
FROM unnest($3::bigint[]) WITH ORDINALITY a(id, at)
JOIN sale_order o ON o.cell = $1 AND o.id = a.id AND o.shop_id = $2
ORDER BY a.at
