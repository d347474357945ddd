-- One order of a shop with all that belongs to it.
-- in:     $1 smallint cell, $2 bigint order, $3 bigint shop (NULL: whoever's it is)
-- out:    one row; lines, steps, parcels, payments, refunds and rules as JSON
-- index:  primary keys (also of sale_order_offer), parcel_by_order, refund_by_order
SELECT o.*, h.name AS shop_name, h.name_en AS shop_name_en,
    (SELECT jsonb_agg(jsonb_build_object('line', l.line, 'sku_id', l.sku_id::text,
        'title', l.title, 'options', l.options, 'quantity', l.quantity,
        'shipped_quantity', l.shipped_quantity, 'cancelled_quantity', l.cancelled_quantity, 'price_minor', l.price_minor,
        'amount_minor', l.amount_minor, 'picture', l.picture, 'code', k.code) ORDER BY l.line)
     FROM sale_order_line l LEFT JOIN sku k ON k.cell = l.cell AND k.id = l.sku_id
     WHERE l.cell = o.cell AND l.order_id = o.id) AS lines,
    (SELECT jsonb_agg(jsonb_build_object('state', s.state, 'actor', s.actor,
        'actor_id', s.actor_id::text, 'why', s.why, 'at', s.occurred_at) ORDER BY s.version)
     FROM sale_order_step s WHERE s.cell = o.cell AND s.order_id = o.id) AS steps,
    (SELECT jsonb_agg(jsonb_build_object('carrier', p.carrier, 'waybill', p.waybill,
        'at', p.shipped_at, 'lines', (SELECT jsonb_agg(jsonb_build_object('line', c.line,
            'quantity', c.quantity) ORDER BY c.line) FROM parcel_line c
            WHERE c.cell = p.cell AND c.parcel_id = p.id)) ORDER BY p.id)
     FROM parcel p WHERE p.cell = o.cell AND p.order_id = o.id) AS parcels,
    (SELECT jsonb_agg(jsonb_build_object('payment_id', t.payment_id::text,
        'outcome', t.outcome, 'at', t.taken_at) ORDER BY t.taken_at)
     FROM payment_part t WHERE t.cell = o.cell AND t.order_id = o.id) AS payments,
    (SELECT jsonb_agg(jsonb_build_object('id', r.id::text, 'amount_minor', r.amount_minor, 'state', r.state,
        'why', r.why, 'last_error', r.last_error) ORDER BY r.id)
     FROM refund r WHERE r.cell = o.cell AND r.order_id = o.id) AS refunds,
    (SELECT jsonb_agg(jsonb_build_object('title', f.title, 'kind', f.kind, 'payer', f.payer, 'amount_minor', f.amount))
     FROM (SELECT title, kind, payer, sum(amount_minor) AS amount FROM sale_order_offer f
           WHERE f.cell = o.cell AND f.order_id = o.id GROUP BY offer_id, title, kind, payer
           ORDER BY min(position), offer_id) f) AS offers
FROM sale_order o JOIN shop h ON h.cell = o.cell AND h.id = o.shop_id
WHERE o.cell = $1 AND o.id = $2 AND ($3::bigint IS NULL OR o.shop_id = $3)
