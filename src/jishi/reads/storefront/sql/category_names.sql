-- Names of categories.
-- in:    $1 int[] ids
SELECT id, parent_id, level, name_en, name_zh FROM category WHERE id = ANY ($1::integer[]) ORDER BY id
