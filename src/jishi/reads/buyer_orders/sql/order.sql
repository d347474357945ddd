-- One order of a buyer, amounts as far as the buyer pays them.
-- in:    $1 bigint order, $2 bigint buyer
-- out:   one row, or none when there is no such order of theirs
-- index: primary keys of sale_order and shop
SELECT o.id, o.state, o.shop_id, h.name AS shop_name, h.name_en AS shop_name_en, o.payment_id, o.goods_minor,
    o.freight_minor, o.amount_minor - o.platform_minor - o.creator_minor AS amount_minor, o.refunded_minor,
    o.address, o.note, o.placed_at, o.expires_at, o.paid_at, o.ship_by, o.shipped_at, o.confirm_by, o.closed_at
FROM sale_order o
JOIN shop h ON h.cell = o.cell AND h.id = o.shop_id
WHERE o.cell = cell_of($1) AND o.id = $1 AND o.buyer_id = $2
