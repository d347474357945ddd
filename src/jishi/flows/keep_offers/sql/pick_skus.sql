-- SKUs of a shop to choose for an offer, newest products first, found by words of their title.
-- in:     $1 bigint shop, $2 text what the title holds (empty: all), $3 int how many
-- out:    SKUs with product, options, price, stock
-- index:  product_by_shop, sku_by_product
SELECT k.id AS sku_id, p.id AS product_id, p.title, p.title_en, k.options, k.price_minor, p.pictures -> 0 AS picture,
    (SELECT coalesce(sum(on_hand), 0) FROM stock s WHERE s.cell = k.cell AND s.sku_id = k.id)::bigint AS on_hand
FROM (
    SELECT * FROM product WHERE cell = cell_of($1) AND shop_id = $1 AND state = 'listed'
        AND ($2 = '' OR strpos(lower(title || ' ' || title_en), lower($2)) > 0)
    ORDER BY id DESC LIMIT $3
) p
JOIN sku k ON k.cell = p.cell AND k.product_id = p.id AND NOT k.retired AND k.on_sale
ORDER BY p.id DESC, k.position LIMIT $3
