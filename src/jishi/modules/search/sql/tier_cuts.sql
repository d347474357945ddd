-- The score at which each tier but the last should begin, by the scores as they stand.
-- in:    $1 int[] how many products each tier holds
-- out:   tier, cut; none for tiers that the goods do not reach
-- index: search_entry_by_score
WITH ends AS (
    SELECT (at - 1)::smallint AS tier, sum(size) OVER (ORDER BY at) AS place
    FROM unnest($1::int[]) WITH ORDINALITY s (size, at)
), ranked AS (
    SELECT e.score, row_number() OVER (ORDER BY e.score DESC) AS place FROM search_entry e
)
SELECT n.tier, r.score AS cut FROM ends n JOIN ranked r ON r.place = n.place ORDER BY n.tier
