-- Move entries into the tier their score belongs to, at most so many.
-- in:     $1 int how many
-- out:    how many moved
-- writes: search_entry
-- locks:  search_entry, skipping what others hold
-- index:  search_entry_by_score
WITH cut AS MATERIALIZED (
    SELECT k.tier, coalesce((SELECT least_score FROM search_tier WHERE tier = k.tier), -2147483648) AS low,
        coalesce((SELECT least_score FROM search_tier WHERE tier = k.tier - 1), 2147483647) AS high
    FROM generate_series(0, 9) k (tier)
), due AS (
    SELECT e.cell, e.product_id, (SELECT count(*) FROM search_tier s WHERE e.score < s.least_score) AS tier
    FROM search_entry e
    WHERE EXISTS (SELECT FROM cut c WHERE c.tier = e.tier AND (e.score < c.low OR e.score >= c.high))
    LIMIT $1 FOR UPDATE SKIP LOCKED
), moved AS (
    UPDATE search_entry e SET tier = d.tier FROM due d
    WHERE e.cell = d.cell AND e.product_id = d.product_id RETURNING 1
)
SELECT count(*) FROM moved
