-- Take one token of each bucket that still has one (generic cell rate algorithm).
-- in:     $1 smallint[] cells, $2 text[] keys (distinct), $3 interval[] time one token takes to come
--         back, $4 interval[] slack (that time × the size of the bucket), $5 timestamptz now
-- out:    the empty buckets: key, retry_at when one token will be there
-- writes: rate_bucket
-- locks:  rate_bucket rows by (cell, key)
-- index:  rate_bucket_pkey
-- rule:   limits.next_free
WITH asked AS (
    SELECT * FROM unnest($1::smallint[], $2::text[], $3::interval[], $4::interval[])
        AS asked (cell, key, gap, slack)
    ORDER BY cell, key
), taken AS (
    INSERT INTO rate_bucket AS held (cell, key, free_at, slack)
    SELECT cell, key, $5::timestamptz + gap, slack FROM asked
    ON CONFLICT (cell, key) DO UPDATE
    SET free_at = greatest(held.free_at, $5) + (excluded.free_at - $5), slack = excluded.slack
    WHERE greatest(held.free_at, $5) + (excluded.free_at - $5) <= $5 + excluded.slack
    RETURNING cell, key
)
SELECT asked.key, held.free_at + asked.gap - asked.slack AS retry_at
FROM asked
JOIN rate_bucket held USING (cell, key)
WHERE NOT EXISTS (SELECT FROM taken WHERE taken.cell = asked.cell AND taken.key = asked.key);
