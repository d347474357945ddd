-- SKUs of a shop with their list prices, by id.
-- in:     $1 bigint shop, $2 bigint[] SKUs
-- out:    one row per SKU that is the shop's and not retired
-- index:  primary key of sku
SELECT k.id AS sku_id, k.product_id, k.price_minor FROM unnest($2::bigint[]) w(id)
JOIN sku k ON k.cell = cell_of($1) AND k.id = w.id AND k.shop_id = $1 AND NOT k.retired
