-- What ended on each of the newest days of the market. What was paid and came back later counts on both days.
-- in:     $1 timestamptz since, $2 text time zone
-- out:    per day: paid out and came back, counts and minor units
-- index:  withdrawal_ended_at, withdrawal_returned_at
WITH ended AS (
    SELECT ended_at AS at, state = 'failed' AS came_back, amount_minor FROM withdrawal
    WHERE ended_at >= $1 AND state <> 'refused'
    UNION ALL
    SELECT returned_at, true, amount_minor FROM withdrawal WHERE returned_at >= $1
)
SELECT (at AT TIME ZONE $2)::date AS day,
    count(*) FILTER (WHERE NOT came_back)::int AS paid,
    coalesce(sum(amount_minor) FILTER (WHERE NOT came_back), 0)::bigint AS paid_minor,
    count(*) FILTER (WHERE came_back)::int AS failed,
    coalesce(sum(amount_minor) FILTER (WHERE came_back), 0)::bigint AS failed_minor
FROM ended GROUP BY 1 ORDER BY 1 DESC
