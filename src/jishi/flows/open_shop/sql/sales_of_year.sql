-- What shops with a yearly limit have sold this year, paid and not refunded, and whether that suspends them.
-- in:     $1 bigint above this shop, $2 int shops at most, $3 bigint lowest order id of the year
-- out:    shop, minor units sold, its limit, whether it is suspended for it
-- index:  shop_limited, sale_order_by_shop, shop_hold primary key
SELECT s.id, o.sold_minor, s.sales_limit_minor, EXISTS (SELECT FROM shop_hold h
    WHERE h.cell = s.cell AND h.shop_id = s.id AND h.reason = 'sales_limit') AS is_held
FROM (SELECT cell, id, sales_limit_minor FROM shop
      WHERE sales_limit_minor IS NOT NULL AND state NOT IN ('preparing', 'closed') AND id > $1
      ORDER BY id LIMIT $2) s
CROSS JOIN LATERAL (
    SELECT coalesce(sum(amount_minor - refunded_minor - refunded_platform_minor - refunded_creator_minor), 0)
        ::bigint AS sold_minor
    FROM sale_order o
    WHERE o.cell = s.cell AND o.shop_id = s.id AND o.id >= $3 AND o.paid_at IS NOT NULL AND o.state <> 250
) o
ORDER BY s.id
