-- Categories with the names above them.
-- in:    $1 int[] category ids
-- out:   id, names from the root down in both languages, is_leaf, is_retired
-- index: category primary key
SELECT c.id, c.is_leaf, c.is_retired,
    array_agg(u.name_en ORDER BY u.level) AS names_en, array_agg(u.name_zh ORDER BY u.level) AS names_zh
FROM unnest($1::int[]) a (id)
JOIN category c ON c.id = a.id
JOIN category u ON u.id = ANY (c.path)
GROUP BY c.id, c.is_leaf, c.is_retired;
