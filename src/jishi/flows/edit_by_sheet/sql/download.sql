-- The rows of a spreadsheet of goods.
-- in:    $1 bigint shop, $2 bigint[] only these products (NULL: all), $3 bigint default warehouse, $4 int how many
-- out:   SKUs with their product; the newest product first, then position
-- index: sku_by_shop, product primary key, stock primary key, category primary key
SELECT s.id AS sku_id, s.product_id, s.options, p.state, p.title, p.title_en, p.brand, c.code AS category, s.code,
    s.price_minor, s.list_price_minor, s.weight_grams, coalesce(t.on_hand, 0) AS on_hand, s.enabled
FROM sku s
JOIN product p ON p.cell = s.cell AND p.id = s.product_id
LEFT JOIN category c ON c.id = p.category_id
LEFT JOIN stock t ON t.cell = s.cell AND t.sku_id = s.id AND t.warehouse_id = $3
WHERE s.cell = cell_of($1) AND s.shop_id = $1 AND NOT s.retired AND ($2::bigint[] IS NULL OR s.product_id = ANY ($2))
ORDER BY s.product_id DESC, s.position LIMIT $4;
