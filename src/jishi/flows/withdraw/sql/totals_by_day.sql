-- What ended on each of the newest days of the market.
-- in:     $1 timestamptz since, $2 text time zone
-- out:    per day: paid and returned, counts and minor units
-- index:  withdrawal_ended_at
SELECT (ended_at AT TIME ZONE $2)::date AS day,
    count(*) FILTER (WHERE state = 'paid')::int AS paid,
    coalesce(sum(amount_minor) FILTER (WHERE state = 'paid'), 0)::bigint AS paid_minor,
    count(*) FILTER (WHERE state = 'failed')::int AS failed,
    coalesce(sum(amount_minor) FILTER (WHERE state = 'failed'), 0)::bigint AS failed_minor
FROM withdrawal WHERE ended_at >= $1 GROUP BY 1 ORDER BY 1 DESC
