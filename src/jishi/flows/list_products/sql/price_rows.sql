-- The price and stock table of a shop: a page of its SKUs, the newest product first.
-- in:    $1 bigint shop, $2 bigint[] only these products (NULL: all), $3 text only products whose title or code
--        holds this, escaped for LIKE (NULL: all), $4 bigint and $5 smallint the product and position the page
--        starts after (NULL: the first page), $6 bigint default warehouse, $7 int how many
-- out:   sku and product as shown; by product downwards, then position
-- index: sku_by_shop, product primary key, stock primary key
SELECT s.id AS sku_id, s.product_id, s.position, s.options, s.code, s.price_minor, s.list_price_minor, s.enabled,
    p.title, p.state, p.pictures -> 0 AS picture, coalesce(t.on_hand, 0) AS on_hand, coalesce(t.held, 0) AS held
FROM sku s
JOIN product p ON p.cell = s.cell AND p.id = s.product_id
LEFT JOIN stock t ON t.cell = s.cell AND t.sku_id = s.id AND t.warehouse_id = $6
WHERE s.cell = cell_of($1) AND s.shop_id = $1 AND NOT s.retired
    AND ($2::bigint[] IS NULL OR s.product_id = ANY ($2))
    AND ($3::text IS NULL OR p.title ILIKE $3 OR p.title_en ILIKE $3 OR s.code ILIKE $3)
    AND ($4::bigint IS NULL OR s.product_id < $4 OR (s.product_id = $4 AND s.position > $5::smallint))
ORDER BY s.product_id DESC, s.position LIMIT $7;
