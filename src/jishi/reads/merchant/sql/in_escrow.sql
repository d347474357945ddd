-- Orders whose money is held, oldest first within each state: shipped ones arrive next.
-- in:     $1 smallint cell, $2 bigint shop, $3 smallint state and $4 bigint order of the last row of the
--         page before, $5 int limit
-- out:    orders with what is held for each, minor units
-- index:  sale_order_by_shop, once per state
SELECT o.* FROM unnest('{30,21,20}'::smallint[]) s(state)
CROSS JOIN LATERAL (
    SELECT id, state, amount_minor - refunded_minor AS held_minor, fee_bp, paid_at, shipped_at, ship_by,
        confirm_by
    FROM sale_order
    WHERE cell = $1 AND shop_id = $2 AND state = s.state AND id > $4 AND s.state = $3
    ORDER BY id LIMIT $5
) o
UNION ALL
SELECT o.* FROM unnest('{30,21,20}'::smallint[]) s(state)
CROSS JOIN LATERAL (
    SELECT id, state, amount_minor - refunded_minor AS held_minor, fee_bp, paid_at, shipped_at, ship_by,
        confirm_by
    FROM sale_order
    WHERE cell = $1 AND shop_id = $2 AND state = s.state AND s.state < $3
    ORDER BY id LIMIT $5
) o
ORDER BY state DESC, id LIMIT $5
