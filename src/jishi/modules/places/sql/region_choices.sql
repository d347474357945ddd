-- What a person chooses from below a region: its children, hidden ones replaced by theirs.
-- in:    $1 int code of the region above, NULL for the provinces
-- out:   regions by code
-- index: region_by_parent (parent_code, code)
-- rule:  hidden regions never lie below hidden ones (test_data.py)
SELECT c.* FROM region c
WHERE c.parent_code IS NOT DISTINCT FROM $1 AND NOT c.is_hidden AND NOT c.is_retired
UNION ALL
SELECT c.* FROM region h JOIN region c ON c.parent_code = h.code
WHERE h.parent_code = $1 AND h.is_hidden AND NOT c.is_retired AND NOT c.is_hidden
ORDER BY code;
