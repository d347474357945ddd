-- Leaf categories by a word of their name, the shallow ones first.
-- in:    $1 text what was typed, escaped for LIKE
-- out:   id, names from the root down in both languages
-- index: none: ten thousand rows, read by merchants only
SELECT c.id,
    (SELECT array_agg(u.name_en ORDER BY u.level) FROM category u WHERE u.id = ANY (c.path)) AS names_en,
    (SELECT array_agg(u.name_zh ORDER BY u.level) FROM category u WHERE u.id = ANY (c.path)) AS names_zh
FROM category c
WHERE c.is_leaf AND NOT c.is_retired AND (c.name_zh ILIKE $1 OR c.name_en ILIKE $1)
ORDER BY c.level, length(c.name_zh), c.id LIMIT 12;
