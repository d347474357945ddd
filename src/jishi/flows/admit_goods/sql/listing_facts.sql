-- What decides whether products may be listed: the shop, their category and condition, how many are on sale.
-- in:     $1 bigint shop, $2 bigint[] products
-- out:    a row per product of the shop that exists; listed: of the whole shop, counted to 10,001
-- index:  primary keys, product_by_shop
SELECT p.id, p.category_id, p.condition, p.state = 'listed' AS is_listed, s.kind, s.state AS shop_state,
    (SELECT count(*) FROM (SELECT FROM product l WHERE l.cell = s.cell AND l.shop_id = s.id
        AND l.state = 'listed' LIMIT 10001) few) AS listed
FROM unnest($2::bigint[]) a (id)
JOIN product p ON p.cell = cell_of($1) AND p.id = a.id AND p.shop_id + 0 = $1
JOIN shop s ON s.cell = p.cell AND s.id = p.shop_id
ORDER BY p.id
