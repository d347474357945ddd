-- What a shop's orders were refunded today, and yesterday up to this time.
-- in:     $1 smallint cell, $2 bigint shop, $3 timestamptz yesterday's start, $4 today's start, $5 now,
--         $6 this time yesterday
-- out:    one row, minor units
-- index:  sale_order_closed
SELECT coalesce(sum(refunded_minor) FILTER (WHERE closed_at >= $4), 0)::bigint AS today_minor,
    count(*) FILTER (WHERE closed_at >= $4) AS today,
    coalesce(sum(refunded_minor) FILTER (WHERE closed_at <= $6), 0)::bigint AS yesterday_minor
FROM sale_order
WHERE cell = $1 AND shop_id = $2 AND state IN (100, 200) AND state = 200
    AND closed_at >= $3 AND closed_at <= $5
