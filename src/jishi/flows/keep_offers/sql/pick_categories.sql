-- Categories of any level to choose for a coupon, the wide ones first, found by what their name holds.
-- in:     $1 text what the name holds (empty: all), $2 int level and $3 int category to start after, $4 int how many
-- out:    categories with their names from the root down
-- index:  primary key of category; ten thousand rows, read by merchants only
SELECT c.id, c.level,
    (SELECT string_agg(u.name_zh, ' / ' ORDER BY u.level) FROM category u WHERE u.id = ANY (c.path)) AS title,
    (SELECT string_agg(u.name_en, ' / ' ORDER BY u.level) FROM category u WHERE u.id = ANY (c.path)) AS title_en
FROM category c
WHERE NOT c.is_retired AND (c.level, c.id) > ($2::int, $3::int)
    AND ($1 = '' OR strpos(lower(c.name_zh || ' ' || c.name_en), lower($1)) > 0)
ORDER BY c.level, c.id LIMIT $4
