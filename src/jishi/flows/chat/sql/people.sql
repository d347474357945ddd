-- The names behind conversations.
-- in:     $1 bigint[] shops, $2 bigint[] accounts
-- out:    one row per shop and account that exists: id, name, name_en
-- index:  primary keys
SELECT h.id, h.name, h.name_en
FROM unnest($1::bigint[]) s (id) JOIN shop h ON h.cell = cell_of(s.id) AND h.id = s.id
UNION ALL
SELECT a.id, a.name, ''
FROM unnest($2::bigint[]) p (id) JOIN account a ON a.cell = cell_of(p.id) AND a.id = p.id
