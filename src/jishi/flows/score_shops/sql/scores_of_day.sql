-- The scores some shops got on a day, with the kind of each shop: what its settlement cycle follows from.
-- in:     $1 bigint[] shops, $2 date the day
-- out:    shop, score or NULL, kind
-- index:  shop_score and shop primary keys
SELECT c.shop_id, c.score, s.kind
FROM unnest($1::bigint[]) i(id)
JOIN shop_score c ON c.cell = cell_of(i.id) AND c.shop_id = i.id AND c.day = $2
JOIN shop s ON s.cell = c.cell AND s.id = c.shop_id
