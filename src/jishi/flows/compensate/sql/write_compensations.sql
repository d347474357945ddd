-- Write what was decided; an order has one compensation for leaving late.
-- in:     $1 bigint[] orders, $2 bigint[] shops, $3 bigint[] buyers, $4 timestamptz[] deadlines, $5 integer[]
--         hours late, $6 bigint[] bases, $7 bigint[] amounts, $8 bigint[] refunds (NULL: void), $9 smallint rule
--         version, $10 integer basis points, $11 bigint cap, $12 timestamptz now
-- writes: compensation
INSERT INTO compensation (cell, order_id, kind, shop_id, buyer_id, rule_version, ship_by, late_hours, base_minor,
    rate_bp, cap_minor, amount_minor, state, refund_id, decided_at)
SELECT cell_of(c.id), c.id, 'late_shipping', c.shop, c.buyer, $9, c.ship_by, c.hours, c.base, $10, $11,
    CASE WHEN c.refund IS NULL THEN 0 ELSE c.amount END, CASE WHEN c.refund IS NULL THEN 'void' ELSE 'paid' END,
    c.refund, $12
FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::timestamptz[], $5::integer[], $6::bigint[],
    $7::bigint[], $8::bigint[]) c(id, shop, buyer, ship_by, hours, base, amount, refund)
ORDER BY 1, 2
