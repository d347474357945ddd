-- SKUs of a shop as an offer's form lists them, in the order asked.
-- in:     $1 bigint shop, $2 bigint[] SKUs
-- out:    one row per SKU that is the shop's
-- index:  primary keys of sku and product
SELECT k.id AS sku_id, k.product_id, p.title, p.title_en, k.options, k.price_minor, k.retired,
    p.pictures -> 0 AS picture,
    (SELECT coalesce(sum(on_hand), 0) FROM stock s WHERE s.cell = k.cell AND s.sku_id = k.id)::bigint AS on_hand
FROM unnest($2::bigint[]) WITH ORDINALITY w(id, at)
JOIN sku k ON k.cell = cell_of($1) AND k.id = w.id AND k.shop_id = $1
JOIN product p ON p.cell = k.cell AND p.id = k.product_id
ORDER BY w.at
