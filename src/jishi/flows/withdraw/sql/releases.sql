-- When money in the settlement cycle becomes free, by days of the market.
-- in:     $1 smallint cell, $2 bigint shop, $3 timestamptz now, $4 int days of the cycle, $5 text time zone
-- out:    at most 17 rows: the day, how many orders, minor units
-- index:  sale_order_closed
SELECT ((o.closed_at + $4::int * interval '1 day') AT TIME ZONE $5)::date AS day, count(*)::int AS orders,
    sum(o.amount_minor - o.refunded_minor - o.refunded_platform_minor - o.refunded_creator_minor
        - o.fee_minor)::bigint AS minor
FROM sale_order o
WHERE o.cell = $1 AND o.shop_id = $2 AND o.state IN (100, 200) AND o.state + 0 = 100
    AND o.closed_at > $3::timestamptz - $4::int * interval '1 day'
GROUP BY 1 ORDER BY 1
