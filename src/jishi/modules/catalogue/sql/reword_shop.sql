-- Put a shop's new name into the words its products are found by; a bounded chunk at a time.
-- in:     $1 bigint shop, $2 text words of the shop, $3 bigint products after this id, $4 int how many
-- out:    the last product id of the chunk, NULL when there was none
-- writes: product
-- locks:  product by id
-- index:  product primary key
WITH chunk AS (
    SELECT cell, id FROM product
    WHERE cell = cell_of($1) AND shop_id = $1 AND id > $3
    ORDER BY id LIMIT $4 FOR NO KEY UPDATE
), reworded AS (
    UPDATE product p SET search = ts_filter(p.search, '{a,b}') || setweight(to_tsvector('simple', $2), 'C')
    FROM chunk c WHERE p.cell = c.cell AND p.id = c.id
)
SELECT max(id) FROM chunk;
