-- SKUs of a shop to choose for an offer, newest products first, found by words of their title or their code.
-- in:     $1 bigint shop, $2 text what title or code hold (empty: all), $3 bigint[] SKUs chosen already,
--         $4 bigint product, $5 int position, $6 bigint SKU to start after, $7 int how many
-- out:    SKUs with product, options, price, stock
-- index:  sku_by_shop, primary key of product
SELECT k.id AS sku_id, k.product_id, k.position, p.title, p.title_en, k.options, k.price_minor,
    p.pictures -> 0 AS picture,
    (SELECT coalesce(sum(on_hand), 0) FROM stock s WHERE s.cell = k.cell AND s.sku_id = k.id)::bigint AS on_hand
FROM sku k
JOIN product p ON p.cell = k.cell AND p.id = k.product_id AND p.state = 'listed'
WHERE k.cell = cell_of($1) AND k.shop_id = $1 AND NOT k.retired AND k.on_sale AND k.id <> ALL ($3::bigint[])
    AND ($2 = '' OR strpos(lower(p.title || ' ' || p.title_en || ' ' || k.code), lower($2)) > 0)
    AND k.product_id <= $4 AND (k.product_id < $4 OR (k.position, k.id) > ($5, $6))
ORDER BY k.product_id DESC, k.position, k.id LIMIT $7
