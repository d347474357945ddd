-- A region and all above it, from the province down; no row when the code is not known.
-- in:    $1 int code
-- out:   regions by level
-- index: region primary key
WITH RECURSIVE chain AS (
    SELECT * FROM region WHERE code = $1
    UNION ALL
    SELECT above.* FROM chain JOIN region above ON above.code = chain.parent_code
)
SELECT * FROM chain ORDER BY level;
