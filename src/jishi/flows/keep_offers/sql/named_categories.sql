-- Categories chosen for a coupon, in the order of their ids.
-- in:     $1 bigint[] categories
-- out:    one row per category there is
-- index:  primary key of category
SELECT c.id,
    (SELECT string_agg(u.name_zh, ' / ' ORDER BY u.level) FROM category u WHERE u.id = ANY (c.path)) AS title,
    (SELECT string_agg(u.name_en, ' / ' ORDER BY u.level) FROM category u WHERE u.id = ANY (c.path)) AS title_en
FROM category c WHERE c.id = ANY ($1::bigint[])
ORDER BY c.id
