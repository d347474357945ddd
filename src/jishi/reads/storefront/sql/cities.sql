-- Every city with its province, by code; a province that is a city itself stands for its districts.
-- in:    nothing
-- out:   code of four digits, name, province
SELECT c.code, CASE WHEN c.is_hidden THEN p.name ELSE c.name END AS name, p.name AS province
FROM region c JOIN region p ON p.code = c.parent_code
WHERE c.level = 2 AND NOT c.is_retired AND (NOT c.is_hidden OR c.code % 100 = 1)
ORDER BY c.code
