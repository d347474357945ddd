-- What a shop's buyers were given back today, and yesterday up to this time: orders, parts and cases.
-- in:     $1 smallint cell, $2 bigint shop, $3 bigint no older refund id, $4 timestamptz yesterday's start,
--         $5 today's start, $6 now, $7 this time yesterday
-- out:    one row, minor units; money that came too late was never the shop's and does not count
-- index:  refund primary key, from yesterday's ids on; primary key of sale_order
SELECT coalesce(sum(r.amount_minor) FILTER (WHERE r.asked_at >= $5), 0)::bigint AS today_minor,
    coalesce(sum(r.amount_minor) FILTER (WHERE r.asked_at <= $7), 0)::bigint AS yesterday_minor
FROM refund r JOIN sale_order o ON o.cell = r.cell AND o.id = r.order_id
WHERE r.cell = $1 AND r.id >= $3 AND r.asked_at >= $4 AND r.asked_at <= $6 AND r.why <> 'late_payment'
    AND o.shop_id = $2
