-- What a shop was paid yesterday and today, by quarter hours of its own day.
-- in:     $1 smallint cell, $2 bigint shop, $3 bigint no older order id, $4 timestamptz yesterday's start,
--         $5 today's start, $6 now, $7 this time yesterday
-- out:    per day and quarter hour: orders and minor units, and how much of it came before this time of day
-- index:  sale_order_by_shop
-- rule:   jishi.reads.merchant.figures.today_of
SELECT d.is_today, d.slot, count(*) AS orders, sum(d.amount_minor)::bigint AS sales_minor,
    count(*) FILTER (WHERE d.is_today OR d.paid_at <= $7) AS orders_by_now,
    coalesce(sum(d.amount_minor) FILTER (WHERE d.is_today OR d.paid_at <= $7), 0)::bigint
        AS sales_by_now_minor
FROM (
    SELECT paid_at >= $5 AS is_today, paid_at, amount_minor,
        floor(extract(epoch FROM paid_at - CASE WHEN paid_at >= $5 THEN $5 ELSE $4 END) / 900)::int AS slot
    FROM sale_order
    WHERE cell = $1 AND shop_id = $2 AND id >= $3 AND paid_at >= $4 AND paid_at <= $6
) d
GROUP BY 1, 2 ORDER BY 1, 2
