-- The selects that lead to a category: at each level the choices, and which one leads on.
-- in:    $1 int the category chosen so far, NULL none
-- out:   level, id, names, is_leaf, is_chosen; by level, then id
-- index: category_by_parent, category primary key
WITH chosen AS (
    SELECT path, is_leaf FROM category WHERE id = $1 AND NOT is_retired
), parents AS (
    SELECT NULL::int AS id, 0 AS level
    UNION ALL
    SELECT p.id, p.level FROM chosen, unnest(chosen.path) WITH ORDINALITY p (id, level)
)
SELECT p.level + 1 AS level, c.id, c.name_en, c.name_zh, c.is_leaf,
    coalesce(c.id = ANY ((SELECT path FROM chosen)::int[]), false) AS is_chosen
FROM parents p
JOIN category c ON c.parent_id IS NOT DISTINCT FROM p.id AND NOT c.is_retired
ORDER BY 1, c.id;
