-- Listed products of the whole market, newest first.
-- in:    $1 bigint id to start below (NULL: from the newest), $2 int how many
-- out:   id, key (always 0: the id alone orders)
-- index: product_newest
SELECT id, 0::bigint AS key FROM product
WHERE state = 'listed' AND ($1::bigint IS NULL OR id < $1)
ORDER BY id DESC LIMIT $2
