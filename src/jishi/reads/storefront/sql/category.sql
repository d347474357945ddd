-- A category, those above it, and those right below it.
-- in:    $1 int category
-- out:   id, level, names, and place: 'above' (itself last), 'below'
-- index: category primary key, category_by_parent
SELECT u.id, u.level, u.name_en, u.name_zh, 'above' AS place
FROM category c JOIN category u ON u.id = ANY (c.path) WHERE c.id = $1
UNION ALL
SELECT b.id, b.level, b.name_en, b.name_zh, 'below' FROM category b WHERE b.parent_id = $1
ORDER BY place, level, id
