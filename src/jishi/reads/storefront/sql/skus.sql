-- The SKUs of a product with what can be had of each at once: the most any one warehouse has.
-- in:    $1 bigint product
-- index: sku_by_product, stock primary key
SELECT k.id, k.options, k.price_minor, k.list_price_minor, k.on_sale,
    CASE WHEN k.on_sale THEN coalesce(s.on_hand, 0) ELSE 0 END AS left_over
FROM sku k
LEFT JOIN LATERAL (
    SELECT max(on_hand) AS on_hand FROM stock WHERE stock.cell = k.cell AND stock.sku_id = k.id
) s ON true
WHERE k.cell = cell_of($1) AND k.product_id = $1 AND NOT k.retired
ORDER BY k.position, k.id
