-- One order of a buyer with its lines, its parcels and what went back.
-- in:    $1 bigint order, $2 bigint buyer
-- out:   one row, or none when there is no such order of theirs
-- index: primary keys of sale_order, shop, payment, sale_order_line, parcel_line; parcel_by_order, refund_by_order
SELECT o.id, o.state, o.shop_id, h.name AS shop_name, h.name_en AS shop_name_en, o.payment_id, o.goods_minor,
    o.freight_minor, o.amount_minor - o.platform_minor - o.creator_minor AS amount_minor, o.refunded_minor, o.address, o.note, o.placed_at, o.expires_at, o.paid_at,
    o.ship_by, o.shipped_at, o.confirm_by, o.closed_at, coalesce(pay.provider, '') AS provider
FROM sale_order o
JOIN shop h ON h.cell = o.cell AND h.id = o.shop_id
LEFT JOIN payment pay ON pay.cell = cell_of(o.payment_id) AND pay.id = o.payment_id
WHERE o.cell = cell_of($1) AND o.id = $1 AND o.buyer_id = $2
