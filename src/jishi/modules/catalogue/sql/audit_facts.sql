-- What the automatic rules need to know of pictures: their size and how many other shops use the same file.
-- in:    $1 bigint[] media ids, $2 bigint the shop, $3 int how many other shops are counted at most
-- out:   id, width, height, other_shops
-- index: media primary key, media_by_hash
SELECT m.id, m.width, m.height, o.shops AS other_shops
FROM unnest($1::bigint[]) a (id)
JOIN media m ON m.cell = cell_of(a.id) AND m.id = a.id
CROSS JOIN LATERAL (
    SELECT count(*)::int AS shops FROM (
        SELECT DISTINCT x.shop_id FROM media x WHERE x.sha256 = m.sha256 AND x.shop_id <> $2 LIMIT $3
    ) each_once
) o;
