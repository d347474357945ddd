-- What a shop settled and gave back in a span of time.
-- in:     $1 smallint cell, $2 bigint shop, $3 timestamptz from, $4 timestamptz until (not included)
-- out:    one row, minor units: what completed orders were worth to the shop, whoever paid; the market's
--         fee; what went back to buyers of orders refunded in full
-- index:  sale_order_closed
SELECT count(*) FILTER (WHERE state = 100) AS completed,
    coalesce(sum(amount_minor - refunded_minor - refunded_platform_minor - refunded_creator_minor)
        FILTER (WHERE state = 100), 0)::bigint AS settled_minor,
    coalesce(sum(fee_minor) FILTER (WHERE state = 100), 0)::bigint AS fee_minor,
    count(*) FILTER (WHERE state = 200) AS refunded,
    coalesce(sum(refunded_minor) FILTER (WHERE state = 200), 0)::bigint AS refunded_minor
FROM sale_order
WHERE cell = $1 AND shop_id = $2 AND state IN (100, 200) AND closed_at >= $3 AND closed_at < $4
