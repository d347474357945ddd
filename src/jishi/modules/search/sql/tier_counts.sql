-- How full the tiers are.
-- in:    $1 int[] how many products each tier but the last should hold
-- out:   tier, size, filled, least_score (NULL: not set)
-- index: search_entry_by_score
WITH counted AS (SELECT e.tier, count(*) AS filled FROM search_entry e GROUP BY e.tier)
SELECT (s.at - 1)::smallint AS tier, s.size, t.least_score, coalesce(c.filled, 0) AS filled
FROM unnest($1::int[]) WITH ORDINALITY s (size, at)
LEFT JOIN search_tier t ON t.tier = s.at - 1
LEFT JOIN counted c ON c.tier = s.at - 1
ORDER BY 1
