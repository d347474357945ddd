-- Orders whose money is held: shipped ones, the oldest first, then those to ship by deadline.
-- in:     $1 smallint cell, $2 bigint shop, $3 smallint 30 while shipped ones are listed, else 20; $4 bigint
--         and $5 timestamptz: id and deadline of the last order of the page before, $6 int limit
-- out:    orders with what is held for each, minor units, whoever paid it
-- rule:   jishi.flows.complete_orders.rules.settle, with what is left as amount
-- index:  sale_order_by_state, sale_order_shipping
WITH shipped AS (
    SELECT id, state, amount_minor - refunded_minor - refunded_platform_minor - refunded_creator_minor
        AS held_minor, fee_bp, paid_at, ship_by, confirm_by
    FROM sale_order
    WHERE cell = $1 AND shop_id = $2 AND state = 30 AND id > $4 AND $3::smallint = 30
    ORDER BY id LIMIT $6
), waiting AS (
    SELECT id, state, amount_minor - refunded_minor - refunded_platform_minor - refunded_creator_minor
        AS held_minor, fee_bp, paid_at, ship_by, confirm_by
    FROM sale_order
    WHERE cell = $1 AND shop_id = $2 AND state IN (20, 21)
        AND (ship_by, id) > ($5, CASE WHEN $3::smallint = 30 THEN 0 ELSE $4 END)
    ORDER BY ship_by, id LIMIT $6
)
SELECT * FROM (
    SELECT *, 0 AS nth, id AS by_id, NULL::timestamptz AS by_deadline FROM shipped
    UNION ALL SELECT *, 1, 0, ship_by FROM waiting
) held
ORDER BY nth, by_id, by_deadline, id LIMIT $6
