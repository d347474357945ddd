-- What a list shows of orders: state, money, deadlines, receiver, goods, newest parcel.
-- in:     $1 smallint cell, $2 bigint[] ids
-- out:    one row per order, in the order given; lines and parcel as JSON
-- index:  primary keys of sale_order and sale_order_line, parcel_by_order
SELECT o.id, o.state, o.freight_minor, o.amount_minor, o.refunded_minor, o.address, o.note, o.channel, o.placed_at, o.expires_at, o.paid_at,
    o.ship_by, o.shipped_at, o.confirm_by, o.closed_at,
    (SELECT jsonb_agg(jsonb_build_object('line', l.line, 'sku_id', l.sku_id::text, 'title', l.title,
        'options', l.options, 'quantity', l.quantity, 'shipped_quantity', l.shipped_quantity, 'cancelled_quantity', l.cancelled_quantity,
        'price_minor', l.price_minor, 'amount_minor', l.amount_minor, 'picture', l.picture) ORDER BY l.line)
     FROM sale_order_line l WHERE l.cell = o.cell AND l.order_id = o.id) AS lines,
    (SELECT jsonb_build_object('carrier', p.carrier, 'waybill', p.waybill) FROM parcel p
     WHERE p.cell = o.cell AND p.order_id = o.id ORDER BY p.id DESC LIMIT 1) AS parcel
FROM unnest($2::bigint[]) WITH ORDINALITY a(id, at)
JOIN sale_order o ON o.cell = $1 AND o.id = a.id
ORDER BY a.at
