-- Which permits shops lack for categories: those that the category or one above it asks for.
-- in:     $1 bigint[] shops, $2 int[] categories in step with them, $3 date today
-- out:    position (1-based), kind of permit and its names
-- index:  primary keys of category and category_qualification, shop_qualification_by_shop
-- rule:   types.Qualification
SELECT a.at::int AS at, k.code, k.name_en, k.name_zh
FROM unnest($1::bigint[], $2::int[]) WITH ORDINALITY a (shop_id, category_id, at)
JOIN category c ON c.id = a.category_id
JOIN category u ON u.id = ANY (c.path)
JOIN category_qualification q ON q.category_code = u.code
JOIN qualification_kind k ON k.code = q.kind
WHERE NOT EXISTS (
    SELECT FROM shop_qualification s
    WHERE s.cell = cell_of(a.shop_id) AND s.shop_id = a.shop_id AND s.kind = q.kind AND s.state = 'approved'
        AND s.valid_from <= $3 AND (s.valid_until IS NULL OR s.valid_until >= $3)
)
ORDER BY a.at, k.code
